/* policy_text_snp.c: the block of AMD SEV-SNP evidence in the owner's policy. */
#include <string.h>

#include "policy_kind.h"
#include "policy_values.h"
#include "snp_terms.h"

#define MEASUREMENT_SIZE 48
#define KEY_DIGEST_SIZE  48
#define IMAGE_ID_SIZE    16
#define HOST_DATA_SIZE   32
#define ZEROS_32         "0000000000000000000000000000000000000000000000000000000000000000"
#define ZEROS_48         ZEROS_32 "00000000000000000000000000000000"

struct snp_text {
    struct snp_terms terms;
    int64_t max_vmpl;
    int debug, crl;                       /* places of their words */
    bool policy_allowed, policy_required; /* that line stood */
};

#define AT(member) .offset = offsetof(struct snp_text, member)

/* field: struct snp_terms. */
static enum status take_signer(const struct config_line *line, void *field)
{
    static const uint8_t zeros[KEY_DIGEST_SIZE];
    struct snp_terms *terms = field;
    struct snp_signer *signer = &terms->signers[terms->signer_count];
    char *rest = line->value, *word;
    int64_t svn;

    TRY(policy_next(line, &rest, "the digest of the key", &word));
    TRY(policy_hex(line, word, KEY_DIGEST_SIZE, KEY_DIGEST_SIZE, &signer->key_digest));
    if (view_equal(signer->key_digest, VIEW_OF(zeros)))
        return config_refuse_line(line, "zeros stand for a guest that nobody signed");
    TRY(policy_next(line, &rest, "the image (or any)", &word));
    if (strcmp(word, "any") != 0)
        TRY(policy_hex(line, word, IMAGE_ID_SIZE, IMAGE_ID_SIZE, &signer->image_id));
    TRY(policy_next(line, &rest, "the least security version", &word));
    TRY(policy_number(line, "the least security version", word, UINT32_MAX, &svn));
    signer->min_svn = (uint32_t)svn;
    TRY(policy_end(line, &rest));
    terms->signer_count++;
    return STATUS_OK;
}

static enum status find_product(const struct config_line *line, char *word, enum snp_product *out)
{
    static const struct policy_flag products[] = {
        {"Milan", UINT64_C(1) << SNP_MILAN},
        {"Genoa", UINT64_C(1) << SNP_GENOA},
        {"Turin", UINT64_C(1) << SNP_TURIN},
        {0},
    };
    uint64_t bits = 0;

    TRY(policy_flags(line, word, products, false, &bits)); /* a single one: the rest was cut off */
    *out = SNP_MILAN;
    while (bits >> *out != 1)
        (*out)++;
    return STATUS_OK;
}

/* field: struct snp_terms. */
static enum status take_product(const struct config_line *line, void *field)
{
    struct policy_part parts[] = {{"bootloader", false, NULL},
                                  {"tee", false, NULL},
                                  {"snp", false, NULL},
                                  {"microcode", false, NULL},
                                  {"fmc", true, NULL}};
    struct snp_terms *terms = field;
    int64_t versions[ARRAY_LEN(parts)] = {0};
    char *rest = line->value, *word;
    enum snp_product product;

    TRY(policy_next(line, &rest, "the product", &word));
    TRY(find_product(line, word, &product));
    for (uint32_t i = 0; i < terms->least_count; i++)
        if (terms->least[i].product == product)
            return config_refuse_line(line, "%s stands twice", word);
    TRY(policy_parts(line, rest, parts, ARRAY_LEN(parts)));
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (parts[i].value != NULL)
            TRY(policy_number(line, parts[i].name, parts[i].value, UINT8_MAX, &versions[i]));
    if ((parts[4].value != NULL) != (product == SNP_TURIN))
        return config_refuse_line(line, "fmc= is %s", product == SNP_TURIN ? "missing: Turin has it" : "of Turin only");
    terms->least[terms->least_count++] = (struct snp_least){
        product,
        {.bootloader = (uint8_t)versions[0],
         .tee = (uint8_t)versions[1],
         .snp = (uint8_t)versions[2],
         .microcode = (uint8_t)versions[3],
         .fmc = (uint8_t)versions[4]},
    };
    return STATUS_OK;
}

/* field: struct snp_terms. */
static enum status take_signing_keys(const struct config_line *line, void *field)
{
    static const struct policy_flag names[] = {{"VCEK", 1}, {"VLEK", 2}, {0}};
    struct snp_terms *terms = field;
    uint64_t bits = 0;

    TRY(policy_flags(line, line->value, names, false, &bits));
    terms->vcek = (bits & 1) != 0;
    terms->vlek = (bits & 2) != 0;
    return STATUS_OK;
}

/* field: struct snp_text. */
static enum status take_policy(const struct config_line *line, void *field)
{
    static const struct policy_flag weakening[] = {
        {"smt", SNP_POLICY_SMT}, {"migration", SNP_POLICY_MIGRATE}, {"cxl", SNP_POLICY_CXL}, {0}};
    static const struct policy_flag strengthening[] = {
        {"single_socket", SNP_POLICY_SINGLE_SOCKET}, {"aes_256_xts", SNP_POLICY_AES_256_XTS},
        {"rapl_off", SNP_POLICY_RAPL_OFF},           {"ciphertext_hiding", SNP_POLICY_CIPHERTEXT_HIDING},
        {"page_swap_off", SNP_POLICY_PAGE_SWAP_OFF}, {0}};
    struct snp_text *text = field;
    char *rest = line->value, *word = config_word(&rest);
    const bool require = strcmp(word, "require") == 0;
    bool *seen = require ? &text->policy_required : &text->policy_allowed;

    if (!require && strcmp(word, "allow") != 0)
        return config_refuse_line(line, "\"%.64s\" is neither allow nor require; write it as in: %s %s", word,
                                  line->key->name, line->key->sample);
    if (*seen)
        return config_refuse_line(line, "%s stands twice", word);
    *seen = true;
    return require ? policy_flags(line, rest, strengthening, true, &text->terms.required)
                   : policy_flags(line, rest, weakening, true, &text->terms.allowed);
}

static const struct config_key keys[] = {
    {.name = "measurement",
     .type = CONFIG_LINE,
     .take = policy_take_digests,
     AT(terms.measurement),
     .min = MEASUREMENT_SIZE,
     .max = ALLOWED_MAX,
     .doc = "Launch measurement of a guest that is accepted: one image, exactly. May be repeated.\n"
            "measurement or signer must stand.",
     .sample = ZEROS_48},
    {.name = "signer",
     .type = CONFIG_LINE,
     .take = take_signer,
     AT(terms),
     .max = SNP_SIGNERS_MAX,
     .doc = "Or: digest of the key that signed the guest's identity block (of its author key, where it has one),\n"
            "image (IMAGE_ID, 32 digits, or `any`) and least security version (GUEST_SVN). May be repeated.",
     .sample = "1" ZEROS_32 "0000000000000000000000000000000 any 1"},
    {.name = "host_data",
     .type = CONFIG_LINE,
     .take = policy_take_digests_or_any,
     AT(terms.host_data),
     .min = HOST_DATA_SIZE,
     .max = ALLOWED_MAX,
     .required = true,
     .doc = "HOST_DATA that its host gave the guest. May be repeated; or `any`.",
     .sample = ZEROS_32},
    {.name = "product",
     .type = CONFIG_LINE,
     .take = take_product,
     AT(terms),
     .max = SNP_ROOTS,
     .required = true,
     .doc =
         "A product that is accepted (Milan, Genoa, Turin) and the least versions of its parts; Turin has fmc= too.\n"
         "May be repeated.",
     .sample = "Milan bootloader=4 tee=0 snp=23 microcode=213"},
    {.name = "max_vmpl",
     .type = CONFIG_INTEGER,
     AT(max_vmpl),
     .max = SNP_VMPL_MAX,
     .required = true,
     .doc = "Privilege level within the guest from which it may ask, at most: 0 is the highest.",
     .sample = "0"},
    {.name = "signing_key",
     .type = CONFIG_LINE,
     .take = take_signing_keys,
     AT(terms),
     .max = 1,
     .required = true,
     .doc = "Keys that may sign: VCEK, of the chip; VLEK, of the cloud; or both.",
     .sample = "VCEK"},
    {.name = "guest_policy",
     .type = CONFIG_LINE,
     .take = take_policy,
     .offset = 0,
     .max = 2,
     .required = true,
     .doc = "`require`, and what the guest's policy must say, or `none`:\n"
            "single_socket aes_256_xts rapl_off ciphertext_hiding page_swap_off.\n"
            "A second line with `allow`: what it may say besides: smt migration cxl.",
     .sample = "require none"},
    {.name = "crl",
     .type = CONFIG_CHOICE,
     AT(crl),
     .words = policy_crl_words,
     .required = true,
     .doc = "Whether AMD's list of revoked certificates must be there: required or optional.",
     .sample = "required"},
    {.name = "max_age",
     .type = CONFIG_DURATION,
     AT(terms.max_age_s),
     .min = 1,
     .max = TIME_MAX,
     .required = true,
     .doc = "A list that was issued longer ago is refused.",
     .sample = "90d"},
    {.name = "grace",
     .type = CONFIG_DURATION,
     AT(terms.grace_s),
     .max = TIME_MAX,
     .doc = "A list is taken so long after its end.",
     .sample = "0s"},
    {.name = "debug",
     .type = CONFIG_CHOICE,
     AT(debug),
     .words = policy_no_yes,
     .doc = "Whether debugging is accepted: then its host reads and changes all that it holds.",
     .sample = "no"},
    {0},
};

static enum status make(const struct policy_block *block, struct buf *rules)
{
    const struct snp_text *text = block->block->target;
    struct snp_terms terms = text->terms;

    if (!policy_has(block, "measurement") && !policy_has(block, "signer"))
        return policy_refuse(block, NULL, "measurement or signer is missing; write which guests are accepted");
    if (!text->policy_required)
        return policy_refuse(block, "guest_policy",
                             "guest_policy require is missing; write what it must say, or guest_policy require none");
    terms.max_vmpl = (uint32_t)text->max_vmpl;
    terms.crl_required = text->crl != 0;
    terms.allowed |= text->debug != 0 ? SNP_POLICY_DEBUG : 0;
    return snp_terms_encode(&terms, rules);
}

const struct policy_kind policy_snp = {
    {SNP_KIND, keys, sizeof(struct snp_text)}, make, policy_show_snp, policy_warn_snp};
