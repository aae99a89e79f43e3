/* dcap_levels.c: the TCB levels of a platform and the status that follows; see dcap_private.h. */
#include "dcap_private.h"

/* What was reached with the TDX module of one version. */
struct reached {
    struct dcap_level platform, module; /* module's status stays DCAP_TCB_UNKNOWN when it has no levels of its own */
    enum status platform_reason, module_reason;
};

static struct reached reach(const struct dcap_work *work, struct view tee_tcb_svn)
{
    struct reached reached = {.module_reason = STATUS_OK};

    reached.platform_reason = dcap_platform_match(&work->tcb_info, &work->pck, tee_tcb_svn, &reached.platform);
    if (work->out->quote.kind == DCAP_TDX)
        reached.module_reason = dcap_module_match(&work->tcb_info, &work->out->quote.tdx, tee_tcb_svn, &reached.module);
    return reached;
}

/* The status of platform, module and quoting enclave together. */
static enum dcap_tcb join(const struct reached *reached, const struct dcap_level *qe)
{
    if (reached->platform_reason != STATUS_OK || reached->module_reason != STATUS_OK)
        return DCAP_TCB_NOT_SUPPORTED;
    return dcap_tcb_join(dcap_tcb_join(reached->platform.status, reached->module.status), qe->status);
}

/* TD 1.5 tells two versions of the module: the one that launched the domain, and the one that runs now. */
static void find_status(struct dcap_work *work, const struct reached *launch)
{
    struct dcap_result *out = work->out;
    const struct view now_svn = out->quote.tdx.tee_tcb_svn2;
    struct reached now;

    out->tcb = out->tcb_now = join(launch, &out->qe);
    if (out->quote.kind == DCAP_SGX || now_svn.len == 0)
        return;
    now = reach(work, now_svn);
    out->tcb_now = join(&now, &out->qe);
    if (out->tcb_now == DCAP_TCB_NOT_SUPPORTED || out->tcb == DCAP_TCB_NOT_SUPPORTED)
        out->tcb = DCAP_TCB_NOT_SUPPORTED;
    else
        out->tcb = dcap_tcb_relaunch(out->tcb, out->tcb_now);
}

static enum status gather_advisories(struct dcap_result *out)
{
    TRY(dcap_advisories_add(&out->advisories, &out->platform));
    TRY(dcap_advisories_add(&out->advisories, &out->module));
    return dcap_advisories_add(&out->advisories, &out->qe);
}

static void find_date(struct dcap_result *out)
{
    const struct dcap_level *const levels[] = {&out->platform, &out->module, &out->qe};

    out->tcb_date = out->platform.date;
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (levels[i]->status != DCAP_TCB_UNKNOWN && levels[i]->date < out->tcb_date)
            out->tcb_date = levels[i]->date;
}

static enum status judge(struct dcap_result *out)
{
    if (out->tcb == DCAP_TCB_NOT_SUPPORTED)
        return STATUS_EVIDENCE_TCB;
    if (out->tcb == DCAP_TCB_REVOKED)
        return STATUS_EVIDENCE_REVOKED;
    return gather_advisories(out);
}

static bool check_qe(struct dcap_work *work)
{
    const struct dcap_sgx_report *report = &work->out->quote.qe_report;
    enum status status;

    if (!work->has_qe_identity)
        return false;
    status = dcap_qe_match(&work->qe_identity, report);
    if (status == STATUS_OK)
        status = dcap_isv_match(&work->qe_identity.levels, report->isv_svn, &work->out->qe);
    return dcap_note(work, DCAP_CHECK_QE, status);
}

void dcap_check_levels(struct dcap_work *work)
{
    struct dcap_result *out = work->out;
    const bool qe_passed = check_qe(work);
    struct reached launch;

    if (!work->has_tcb_info)
        return;
    launch = reach(work, out->quote.tdx.tee_tcb_svn);
    out->platform = launch.platform;
    out->module = launch.module;
    if (out->quote.kind == DCAP_TDX)
        (void)dcap_note(work, DCAP_CHECK_TDX_MODULE, launch.module_reason);
    if (!qe_passed)
        return;
    find_status(work, &launch);
    find_date(out);
    (void)dcap_note(work, DCAP_CHECK_TCB_LEVEL, judge(out));
}
