"""Runs `tacit appraise` over captured evidence: appraise_cases.py TACIT VECTORS.

Prints a table `case | expected | got`, and for each case a line as the unit tests do. The expectations are those of
expected.json in each folder, which were found out with other code; README or MANIFEST.md there tell how.
"""
import calendar
import json
import os
import subprocess
import sys
import tempfile
import time

import appraise_policies as policies

TACIT, VECTORS = sys.argv[1], sys.argv[2]
KEYS = {"kind", "authentic", "verdict", "reasons", "tcb_status", "tcb_date", "advisories", "debug", "identity", "window",
        "unchecked"}
CODES = {"accepted": 0, "refused": 1, "authentic": 4}
OUT_OF_TIME = {"EVIDENCE_COLLATERAL_EXPIRED", "EVIDENCE_EXPIRED", "EVIDENCE_NOT_YET", "EVIDENCE_CRL"}
DAY = 86400
failed = 0
table = []


class Wrong(Exception):
    pass


def run(*arguments):
    """Exit code, stdout, stderr."""
    done = subprocess.run([TACIT, "appraise", *map(str, arguments)], capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace")


def appraise(*arguments):
    """The object, which the exit code must fit."""
    code, out, err = run(*arguments, "--json")
    if code not in CODES.values():
        raise Wrong(f"ended with {code}: {err}")
    found = json.loads(out)
    if out.count("\n") != 1 or set(found) != KEYS:
        raise Wrong(f"keys are {sorted(found)}")
    if CODES[found["verdict"]] != code:
        raise Wrong(f"verdict {found['verdict']}, but exit code {code}")
    if (found["verdict"] == "refused") != bool(found["reasons"]):
        raise Wrong(f"{found['verdict']} for the reasons {found['reasons']}")
    return found


def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def path(kind, name):
    return os.path.join(VECTORS, kind, name)


def expected(kind):
    with open(path(kind, "expected.json"), encoding="utf-8") as file:
        return json.load(file)["cases"]


def same(name, want, got):
    if want != got:
        raise Wrong(f"{name}: expected {want}, got {got}")


def check(name, test, *arguments):
    """One case: its line, and its row of the table."""
    global failed
    try:
        row = test(*arguments)
        print(f"[       OK ] {name}")
    except (Wrong, KeyError, ValueError, subprocess.TimeoutExpired) as wrong:
        row = ("as expected.json says", f"{type(wrong).__name__}: {wrong}")
        print(f"[  FAILED  ] {name}")
        print(f"    {wrong}")
        failed += 1
    table.append((name, *row))


def files(kind, names):
    return [word for name in names for word in ("--endorsements", path(kind, name))]


# ---- what evidence says of itself ----

def fields_of_intel(case):
    want = {name: value for name, value in case["body"].items() if name != "debug"}
    want |= {f"qe_{name}": value for name, value in case["qe_report"].items()}
    want |= {name: value for name, value in case["pck"].items()
             if name not in ("leaf_validity", "revoked_in_collected_crls") and value is not None}
    want |= {name: case["header"][name] for name in ("version", "user_data", "trailing")}
    return want


def fields_of_amd(case):
    report = case["report"]
    want = {name: value for name, value in report.items() if not isinstance(value, dict)}
    want |= {f"pol.{name}": value for name, value in report["pol"].items() if name != "resv1"}
    want |= {f"rtcb.{name}": value for name, value in report["rtcb"].items() if name != "resv"}
    return want


def fields_of_psa(case):
    names = {"profile": ("265", "-75000"), "nonce": ("10", "-75008"), "instance_id": ("256", "-75009"),
             "implementation_id": ("2396", "-75003"), "lifecycle": ("2395", "-75002"), "client_id": ("2394", "-75001"),
             "boot_seed": ("2397", "268", "-75004"), "certification_reference": ("2398", "-75005"),
             "verification_service": ("2400", "-75010")}
    claims = case["claims"]
    want = {name: claims[label] for name, labels in names.items() for label in labels if label in claims}
    software = claims.get("2399") or claims.get("-75006")
    want["component.measurement"] = [component["2"] for component in software]
    want["component.signer"] = [component["5"] for component in software]
    want = {name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in want.items()}
    return want


def fields_of_tpm(case):
    attest = case["attest"]
    return {"qualified_signer": attest["qualifiedSigner"], "report_data": attest["extraData"],
            "pcr_digest": attest["pcrDigest"], "clock_ms": attest["clock"], "reset_count": attest["resetCount"],
            "restart_count": attest["restartCount"], "clock_safe": attest["safe"] == 1,
            "firmware": int(attest["firmwareVersion"], 16)}


def check_fields(want, found):
    for name, value in want.items():
        if name not in found["identity"]:
            raise Wrong(f"{name} is not told")
        same(name, value, found["identity"][name])


# ---- times ----

def moments(window):
    """In the window: both ends and the middle; then one second outside of it."""
    begin, end = map(seconds, window)
    return [begin, (begin + end) // 2, end], [begin - 1, end + 1]


def over_time(arguments, window, judge, bounded=True):
    """judge looks at each result within the window; outside it is refused for its time. bounded: nothing that was
    offered shortens the window."""
    inside, outside = moments(window)
    for moment in inside:
        found = appraise(*arguments, "--at", moment)
        if bounded:
            same(f"window as of {moment}", window, found["window"])
        elif not (window[0] <= found["window"][0] <= found["window"][1] <= window[1]):
            raise Wrong(f"window as of {moment}: {found['window']} is not within {window}")
        judge(found)
    for moment in outside:
        found = appraise(*arguments, "--at", moment)
        same(f"verdict as of {moment}", "refused", found["verdict"])
        if not OUT_OF_TIME & set(found["reasons"]):
            raise Wrong(f"as of {moment} the reasons are {found['reasons']}")
    return found


# ---- Intel ----

def intel(kind, case, evaluation, words, bounded):
    want = evaluation["tcb_status"]
    refused = want.startswith("TCB_NOT_SUPPORTED")
    level = evaluation["platform_level"]

    def judge(found):
        same("verdict", "refused" if refused else "authentic", found["verdict"])
        same("authentic", True, found["authentic"])
        same("TCB status", "NotSupported" if refused else want, found["tcb_status"])
        same("debug", case["body"]["debug"], found["debug"])
        if refused:
            same("reasons", ["EVIDENCE_TCB"], found["reasons"])
        else:
            same("TCB date no later", True, found["tcb_date"] <= level[2])
            same("advisories that are missing", set(), set(level[3]) - set(found["advisories"]))
        check_fields(fields_of_intel(case), found)

    over_time([kind, path(kind, case["evidence"]), *words], evaluation["window"], judge, bounded)
    return ("refused" if refused else "authentic") + f" {want.split(' ')[0]} {'..'.join(evaluation['window'])}", "the same"


def intel_without_collateral(kind, case):
    found = appraise(kind, path(kind, case["evidence"]), "--at", seconds(case["pck"]["leaf_validity"][0]) + DAY)
    same("verdict", "authentic", found["verdict"])
    same("TCB status", None, found["tcb_status"])
    same("debug", case["body"]["debug"], found["debug"])
    if not any("TCB" in name for name in found["unchecked"]):
        raise Wrong("that the TCB was not looked at is not told")
    check_fields(fields_of_intel(case), found)
    return "authentic, TCB unchecked", "the same"


def each_of_intel(kind):
    for case in expected(kind):
        check(f"{kind}/{case['name']}/no-collateral", intel_without_collateral, kind, case)
        for evaluation in case["evaluations"]:
            name = f"{kind}/{case['name']}/{evaluation['label'].replace(' ', '-')}"
            own = files(kind, evaluation["collateral"].values())
            check(name, intel, kind, case, evaluation, own, True)
            # Of two lists or documents of a time the newer one is taken, which begins later.
            check(f"{name}/folder", intel, kind, case, evaluation, files(kind, [""]), kind == "sgx")


# ---- AMD ----

def amd(case, words, bounded):
    def judge(found):
        same("verdict", "authentic", found["verdict"])
        same("authentic", True, found["authentic"])
        same("TCB status", None, found["tcb_status"])
        same("debug", case["report"]["pol"]["debug"] == 1, found["debug"])
        check_fields(fields_of_amd(case), found)

    over_time(["snp", path("snp", case["evidence"]), *words], case["window"], judge, bounded)
    return f"authentic {'..'.join(case['window'])}", "the same" if bounded else "within it"


def amd_refused(evidence, names, moment, reason):
    found = appraise("snp", path("snp", evidence), *files("snp", names), "--at", moment)
    same("verdict", "refused", found["verdict"])
    same("first reason", reason, found["reasons"][0])
    return f"refused {reason}", "the same"


def each_of_amd():
    for case in expected("snp"):
        own = files("snp", [case["endorsement"]["file"], *case["endorsement"]["ca"]])
        check(f"snp/{case['name']}", amd, case, own, True)
        check(f"snp/{case['name']}/folder", amd, case, files("snp", [""]), False)
    genoa, milan = "report_v5_genoa_vcek.bin", "report_v2_milan_vcek.bin"
    check("snp/intermediate-of-another-key", amd_refused, genoa,
          ["vcek_v5_genoa_vcek.der", "ca_ask_genoa_revoked_serial20001.der"], "2025-09-01", "FORGED")
    check("snp/no-intermediate", amd_refused, genoa, ["vcek_v5_genoa_vcek.der", "ca_ark_genoa.der"], "2025-09-01",
          "EVIDENCE_CHAIN")
    check("snp/old-list-by-name", amd_refused, genoa,
          ["vcek_v5_genoa_vcek.der", "ca_ask_genoa.der", "crl_ark_genoa_2022-10-31.der"], "2025-09-01", "EVIDENCE_CRL")
    check("snp/no-endorsement", amd_refused, milan, [], "2025-09-01", "EVIDENCE_COLLATERAL")
    check("snp/another-chip", amd_refused, milan, ["vcek_v2_milan_azure_vcek.der", "ca_ask_milan.der"], "2025-09-01",
          "FORGED")
    check("snp/forged-vcek", amd_refused, milan, ["vcek_invalid_legacy.der", "ca_ask_milan.der"], "2025-09-01", "FORGED")


# ---- PSA ----

def psa(case):
    words = ["psa", path("psa", case["evidence"]), "--key", path("psa", case["key"])]
    found = appraise(*words)
    if case["name"].startswith("neg_"):
        same("verdict", "refused", found["verdict"])
        same("authentic", False, found["authentic"])
        return "refused", f"refused {' '.join(found['reasons'])}"
    same("verdict", "authentic", found["verdict"])
    same("window", None, found["window"])
    check_fields(fields_of_psa(case), found)
    nonce = found["identity"]["nonce"]
    same("verdict with the nonce", "authentic", appraise(*words, "--nonce", nonce)["verdict"])
    same("verdict with another nonce", "refused", appraise(*words, "--nonce", "00" + "11" * 31)["verdict"])
    words[-1] = path("psa", "pub_399c843e.pem" if "fa58755f" in case["key"] else "pub_fa58755f.pem")
    same("verdict with another key", "refused", appraise(*words)["verdict"])
    same("verdict without a key", "refused", appraise(*words[:2])["verdict"])
    return "authentic; with another key or nonce refused", "the same"


# ---- TPM ----

def tpm_words(case):
    words = ["tpm", path("tpm", case["evidence"]), "--signature", path("tpm", case["signature"])]
    if "pcrs_file" in case:
        words += ["--pcrs", path("tpm", case["pcrs_file"])]
    return words


def tpm(case):
    words = [*tpm_words(case), "--key", path("tpm", case["ak"])]
    found = appraise(*words)
    if case["name"].startswith("neg_"):
        same("verdict", "refused", found["verdict"])
        same("reasons", ["FORGED"], found["reasons"])
        return "refused FORGED", "the same"
    same("verdict", "authentic", found["verdict"])
    check_fields(fields_of_tpm(case), found)
    nonce = case["attest"]["extraData"]
    same("verdict with the nonce", "authentic", appraise(*words, "--nonce", nonce)["verdict"])
    same("verdict with another nonce", "refused", appraise(*words, "--nonce", "11" + nonce[2:])["verdict"])
    same("verdict without a key", 2, run(*tpm_words(case))[0])
    return "authentic; with another nonce refused", "the same"


def tpm_certified(case, words):
    root = path("tpm", case["ak_cert_chain"][-1])

    def judge(found):
        same("verdict", "authentic", found["verdict"])
        same("certified", True, found["identity"]["certified"])

    over_time([*tpm_words(case), "--ca", root, *words], case["window"], judge)
    return f"authentic {'..'.join(case['window'])}", "the same"


def tpm_wrong_values(case):
    with open(path("tpm", case["pcrs_file"]), encoding="utf-8") as file:
        values = json.load(file)
    values["sha256"]["7"] = "11" * 32
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(values, file)
        file.flush()
        words = tpm_words(case)
        words[-1] = file.name
        found = appraise(*words, "--key", path("tpm", case["ak"]))
    same("verdict", "refused", found["verdict"])
    same("reasons", ["EVIDENCE_BINDING"], found["reasons"])
    return "refused EVIDENCE_BINDING", "the same"


def each_of_tpm():
    for case in expected("tpm"):
        check(f"tpm/{case['name']}", tpm, case)
        if "pcrs_file" in case:
            check(f"tpm/{case['name']}/wrong-value", tpm_wrong_values, case)
        if "ak_cert_chain" in case:
            own = files("tpm", case["ak_cert_chain"])
            check(f"tpm/{case['name']}/certified", tpm_certified, case, own)
            check(f"tpm/{case['name']}/folder", tpm_certified, case, files("tpm", [""]))


# ---- policies ----

def judged(kind, words, lines, changes):
    """Accepted by a policy for it; refused when one line is another, for the reason of that line."""
    with tempfile.TemporaryDirectory() as folder:
        policy = policies.write(folder, "policy.conf", policies.text(kind, lines))
        found = appraise(kind, *words, "--policy", policy)
        same("reasons under its policy", [], found["reasons"])
        same("verdict under its policy", "accepted", found["verdict"])
        for key, value, reason in changes:
            at = next(i for i, line in enumerate(lines) if line[0] == key)
            changed = [*lines[:at], (key, value), *lines[at + 1:]]
            policies.write(folder, "policy.conf", policies.text(kind, changed))
            found = appraise(kind, *words, "--policy", policy)
            same(f"verdict with {key} {value}", "refused", found["verdict"])
            same(f"authentic with {key} {value}", reason not in ("FORGED", "EVIDENCE_ROOT"), found["authentic"])
            if reason not in found["reasons"]:
                raise Wrong(f"with {key} {value}: no {reason}, but {found['reasons']}")
    return f"accepted; refused by {len(changes)} others", "the same"


def judged_whole(kind, case, words, lines, changes):
    """Drivers hand out whole buffers; under a policy nothing may follow a quote."""
    with open(words[0], "rb") as file:
        quote = file.read()[:case["header"]["bytes_used"]]
    with tempfile.TemporaryDirectory() as folder:
        return judged(kind, [policies.write(folder, "quote", quote), *words[1:]], lines, changes)


def refused_by_any(kind, words, lines, reason):
    with tempfile.TemporaryDirectory() as folder:
        policy = policies.write(folder, "policy.conf", policies.text(kind, lines))
        found = appraise(kind, *words, "--policy", policy)
    same("verdict", "refused", found["verdict"])
    if reason not in found["reasons"]:
        raise Wrong(f"no {reason}, but {found['reasons']}")
    return f"refused {reason}", "the same"


def each_policy_of_intel():
    for kind, make in (("sgx", policies.sgx), ("sgx", policies.sgx_signer), ("tdx", policies.tdx)):
        for case in expected(kind):
            for evaluation in case["evaluations"]:
                begin, end = map(seconds, evaluation["window"])
                words = [path(kind, case["evidence"]), *files(kind, evaluation["collateral"].values()), "--at",
                         (begin + end) // 2]
                name = f"{kind}/{case['name']}/{evaluation['label'].replace(' ', '-')}/{make.__name__}-policy"
                if evaluation["platform_level"] is None:
                    lines, _ = make(case, {"tcb_status": "UpToDate OutOfDate", "platform_level": [0, "", "", []]})
                    check(name, refused_by_any, kind, words, lines, "EVIDENCE_TCB")
                    continue
                lines, changes = make(case, evaluation)
                if case["header"]["trailing"] > 0:
                    check(f"{name}/trailing", refused_by_any, kind, words, lines, "TRAILING")
                check(name, judged_whole, kind, case, words, lines, changes)


def each_policy_of_amd():
    for case in expected("snp"):
        begin, end = map(seconds, case["window"])
        own = files("snp", [case["endorsement"]["file"], *case["endorsement"]["ca"]])
        words = [path("snp", case["evidence"]), *own, "--at", (begin + end) // 2]
        check(f"snp/{case['name']}/policy", judged, "snp", words, *policies.snp(case))


def each_policy_of_psa():
    keys = ["pub_fa58755f.pem", "pub_399c843e.pem"]
    for case in expected("psa"):
        if case["key"] in keys and not case["name"].startswith("neg_"):
            others = [path("psa", key) for key in keys if key != case["key"]]
            lines, changes = policies.psa(case, os.path.abspath(path("psa", case["key"])), os.path.abspath(others[0]))
            evidence = path("psa", case["evidence"])
            check(f"psa/{case['name']}/policy", judged, "psa", [evidence], lines, changes)
            named = [(key, value.replace("name=any", "name=sensor-1")) for key, value in lines]
            check(f"psa/{case['name']}/named", judged, "psa", [evidence, "--name", "sensor-1"], named, [])
            check(f"psa/{case['name']}/unnamed", judged, "psa", [evidence], named, [])
            check(f"psa/{case['name']}/other-name", refused_by_any, "psa", [evidence, "--name", "sensor-2"], named,
                  "EVIDENCE_BINDING")


def tpm_judged(case):
    with tempfile.TemporaryDirectory() as folder:
        with open(path("tpm", case["ak"]), encoding="ascii") as file:
            public = policies.tpm_public(file.read())
        with open(path("tpm", case["pcrs_file"]), encoding="utf-8") as file:
            pcrs = json.load(file)["sha256"]
        key = policies.write(folder, "ak.bin", public)
        return judged("tpm", [*tpm_words(case)[1:], "--key", key], *policies.tpm(case, public, pcrs))


def each_policy():
    with tempfile.TemporaryDirectory() as folder:
        policy = policies.write(folder, "policy.conf", policies.text("sgx", []))
        _, _, err = run("sgx", path("sgx", "MANIFEST.md"), "--policy", policy)
    if "not a kind of evidence that is known" in err:
        print("  the text of policies has no words for real evidence yet\n[  SKIPPED ] policies")
        return
    each_policy_of_intel()
    each_policy_of_amd()
    each_policy_of_psa()
    for case in expected("tpm"):
        if "pcrs_file" in case:
            check(f"tpm/{case['name']}/policy", tpm_judged, case)


# ---- what fits no case ----

def every_flip(kind, name, words, first, last):
    """No bit of what is signed may be another."""
    with open(path(kind, name), "rb") as file:
        whole = file.read()
    for at in range(first, last, 37):
        changed = bytearray(whole)
        changed[at] ^= 1 << (at % 8)
        with tempfile.NamedTemporaryFile() as file:
            file.write(changed)
            file.flush()
            same(f"verdict with byte {at} changed", "refused", appraise(kind, file.name, *words)["verdict"])
    return "refused", "refused"


def each_flip():
    sgx = next(case for case in expected("sgx") if "processor" in case["name"])
    own = [*files("sgx", sgx["evaluations"][0]["collateral"].values()), "--at", "2025-07-01"]
    check("sgx/flips", every_flip, "sgx", sgx["evidence"], own, 0, 432)
    own = [*files("snp", ["vcek_v2_milan_vcek.der", "ca_ask_milan.der"]), "--at", "2025-07-01"]
    check("snp/flips", every_flip, "snp", "report_v2_milan_vcek.bin", own, 0, 0x2a0)
    check("psa/flips", every_flip, "psa", "psa_2_0_0_sign1.cbor", ["--key", path("psa", "pub_fa58755f.pem")], 0, 534)


def nonces(kind, evidence, words, report_data):
    with_nonce = lambda nonce: appraise(kind, path(kind, evidence), *words, "--nonce", nonce)
    for nonce in (report_data, report_data.rstrip("0") + "0" * (len(report_data.rstrip("0")) % 2)):
        found = with_nonce(nonce)
        same(f"verdict with {nonce}", "authentic", found["verdict"])
        same("that the report data is unchecked", False, "report data" in found["unchecked"])
    for nonce in ("11" + report_data[2:], report_data[:4], report_data[:-2] + "01"):
        found = with_nonce(nonce)
        same(f"verdict with {nonce}", "refused", found["verdict"])
        same("reasons", ["EVIDENCE_BINDING"], found["reasons"])
    return "the report data, with zeros behind; nothing else", "the same"


def each_nonce():
    sgx = next(case for case in expected("sgx") if "processor" in case["name"])
    check("sgx/nonce", nonces, "sgx", sgx["evidence"], ["--at", "2025-07-01"], sgx["body"]["report_data"])
    snp = next(case for case in expected("snp") if "genoa" in case["name"])
    words = [*files("snp", [""]), "--at", "2025-09-01"]
    check("snp/nonce", nonces, "snp", snp["evidence"], words, snp["report"]["report_data"])


def garbage(kind):
    with tempfile.NamedTemporaryFile() as file:
        file.write(bytes(range(256)) * (10 * 4096))
        file.flush()
        words = ["--key", path("psa", "pub_fa58755f.pem")] if kind in ("psa", "sim", "tpm") else []
        found = appraise(kind, file.name, *words)
    same("verdict", "refused", found["verdict"])
    same("authentic", False, found["authentic"])
    return "10 MB refused", " ".join(found["reasons"])


def told(text, *arguments):
    code, out, err = run(*arguments)
    same("exit code", 2, code)
    if out or text not in err:
        raise Wrong(f"'{text}' is not in what is told: {out}{err}")
    return f"usage: {text}", "the same"


def each_wrong_command():
    quote = path("sgx", "quote_v3_platform_swhardening.bin")
    attest = path("tpm", "tpm_rsa_sha256_swtpm.attest.bin")
    signature = ["--signature", path("tpm", "tpm_rsa_sha256_swtpm.sig.bin"), "--key",
                 path("tpm", "tpm_rsa_sha256_swtpm.ak.pem")]
    cases = {
        "no-kind": ("one of sim sgx tdx snp psa tpm",),
        "unknown-kind": ("there are sim sgx tdx snp psa tpm", "nitro", quote),
        "no-file": ("No such file", "sgx", "/nowhere/quote"),
        "a-folder": ("", "sgx", VECTORS),
        "two-files": ("a file of EVIDENCE", "sgx", quote, quote),
        "no-endorsement": ("No such file", "sgx", quote, "--endorsements", "/nowhere/crl"),
        "time": ("--at", "sgx", quote, "--at", "yesterday"),
        "nonce": ("--nonce", "sgx", quote, "--nonce", "abc"),
        "long-nonce": ("--nonce", "sgx", quote, "--nonce", "ab" * 65),
        "signature-of-a-quote": ("for evidence of a tpm only", "sgx", quote, *signature),
        "values-without-signature": ("--signature", "tpm", attest, "--pcrs", path("tpm", "tpm_azure_snp_vtpm.pcrs.json")),
        "values-that-are-none": ("PCR values", "tpm", attest, *signature, "--pcrs", path("tpm", "expected.json")),
        "no-policy": ("No such file", "sgx", quote, "--policy", "/nowhere/policy"),
        "no-policy-but-a-quote": ("", "sgx", quote, "--policy", quote),
        "list-without-policy": ("--policy", "sgx", quote, "--for", "device"),
        "key-without-policy": ("--policy", "sgx", quote, "--owner-key", path("psa", "pub_fa58755f.pem")),
        "option-twice": ("stands twice", "sgx", quote, "--at", "1", "--at", "2"),
    }
    for name, (text, *arguments) in cases.items():
        check(f"usage/{name}", told, text, *arguments)
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(17 << 20)
        check("usage/too-large", told, "16 MiB", "sgx", file.name)


def named_garbage():
    """What lies in a folder may be anything; what a person names is meant."""
    quote = path("sgx", "quote_v3_platform_swhardening.bin")
    found = appraise("sgx", quote, "--at", "2025-09-01", *files("sgx", ["", "MANIFEST.md"]))
    same("verdict", "refused", found["verdict"])
    same("authentic", True, found["authentic"])
    return "refused", " ".join(found["reasons"])


def words_for_a_person():
    quote = path("sgx", "quote_v3_debug_outofdate.bin")
    code, out, err = run("sgx", quote, "--at", "2025-09-01T12:00:00Z", *files("sgx", [""]))
    same("exit code", 4, code)
    for line in ("debug: ON", "TCB status: OutOfDate, of 2021-11-10", "INTEL-SA-00960", "window: 2025-08-15T05:41:26Z to ",
                 "as of 2025-09-01T12:00:00Z", "  passed    the quote is signed by the attestation key\n"):
        if line not in out:
            raise Wrong(f"no '{line}' in {out}")
    if not out.splitlines()[-1].startswith("verdict: authentic"):
        raise Wrong(f"the last line is {out.splitlines()[-1]}")
    if "MANIFEST.md holds no endorsement" not in err:
        raise Wrong(f"what was passed over is not told: {err}")
    return "every part is told", "the same"


def main():
    for kind in ("sgx", "tdx"):
        each_of_intel(kind)
    each_of_amd()
    for case in expected("psa"):
        check(f"psa/{case['name']}", psa, case)
    each_of_tpm()
    each_policy()
    each_nonce()
    each_flip()
    for kind in ("sgx", "tdx", "snp", "psa", "tpm", "sim"):
        check(f"{kind}/garbage", garbage, kind)
    check("sgx/named-garbage", named_garbage)
    check("sgx/words", words_for_a_person)
    each_wrong_command()
    print("\ncase | expected | got")
    for row in table:
        print(" | ".join(row))
    return 1 if failed else 0


sys.exit(main())
