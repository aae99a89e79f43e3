/* policy_text_sgx.c: the block of Intel SGX evidence in the owner's policy. */
#include "policy_text_dcap.h"

#define HASH_SIZE 32 /* MRENCLAVE, MRSIGNER */

/* field: struct sgx_terms. */
static enum status take_signer(const struct config_line *line, void *field)
{
    struct sgx_terms *terms = field;
    struct sgx_signer *signer = &terms->signers[terms->signer_count];
    char *rest = line->value, *word;
    int64_t number;

    TRY(policy_next(line, &rest, "MRSIGNER", &word));
    TRY(policy_hex(line, word, HASH_SIZE, HASH_SIZE, &signer->mr_signer));
    TRY(policy_next(line, &rest, "the product", &word));
    TRY(policy_number(line, "the product", word, UINT16_MAX, &number));
    signer->product = (uint16_t)number;
    TRY(policy_next(line, &rest, "the least security version", &word));
    TRY(policy_number(line, "the least security version", word, UINT16_MAX, &number));
    signer->min_svn = (uint16_t)number;
    TRY(policy_end(line, &rest));
    terms->signer_count++;
    return STATUS_OK;
}

static const struct config_key keys[] = {
    {.name = "mrenclave",
     .type = CONFIG_LINE,
     .take = policy_take_digests,
     DCAP_AT(sgx.mr_enclave),
     .min = HASH_SIZE,
     .max = ALLOWED_MAX,
     .doc = "MRENCLAVE of an enclave that is accepted: one program, exactly. May be repeated.\n"
            "mrenclave or signer must stand.",
     .sample = "0000000000000000000000000000000000000000000000000000000000000000"},
    {.name = "signer",
     .type = CONFIG_LINE,
     .take = take_signer,
     DCAP_AT(sgx),
     .max = SGX_SIGNERS_MAX,
     .doc = "Or: MRSIGNER, product (ISVPRODID) and least security version (ISVSVN) of enclaves that are accepted:\n"
            "whatever that signer signs as this product. May be repeated.",
     .sample = "0000000000000000000000000000000000000000000000000000000000000000 1 1"},
    DCAP_PLATFORM_KEYS(DCAP_TCB_TD_RELAUNCH_ADVISED),
    {0},
};

static enum status make(const struct policy_block *block, struct buf *rules)
{
    const struct dcap_text *text = block->block->target;
    struct sgx_terms terms = text->sgx;

    if (!policy_has(block, "mrenclave") && !policy_has(block, "signer"))
        return policy_refuse(block, NULL, "mrenclave or signer is missing; write which enclaves are accepted");
    terms.platform = dcap_platform(text);
    return sgx_terms_encode(&terms, rules);
}

const struct policy_kind policy_sgx = {
    {SGX_KIND, keys, sizeof(struct dcap_text)}, make, policy_show_sgx, policy_warn_sgx};
