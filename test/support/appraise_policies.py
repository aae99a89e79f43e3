"""Policies for captured evidence: a text that accepts a case, and changes of one line that make it refuse the case."""
import base64
import hashlib
import os

HEAD = """federation home
version 1
not_before 2020-01-01
not_after 2099-01-01
min_cohort 3
max_cohort 100
max_samples 10000
credential_lifetime 30d
max_parameters 1000000
"""


def other(digits):
    """Another value of the same size."""
    return ("1" if digits[0] != "1" else "2") + digits[1:]


def text(kind, lines):
    """A policy that accepts this evidence of both roles."""
    block = "".join(f"{key} {value}\n" for key, value in lines)
    return HEAD + f"aggregator_evidence {kind}\n{block}device_evidence {kind}\n{block}"


def platform(case, evaluation):
    """Lines of SGX and TDX alike, and what to change: (key, another value, the reason then)."""
    status = evaluation["tcb_status"]
    advisories = evaluation["platform_level"][3]
    # What concerns the TDX module is not in expected.json.
    accepted = " ".join(advisories) or "none"
    if evaluation.get("tdx_module_status", "UpToDate") != "UpToDate":
        accepted = "any"
    lines = [("tcb_status", status), ("advisory", accepted), ("min_evaluation", "17"),
             ("max_age", "60d"), ("min_component", f"1 {case['pck']['tcb_comp_svns'][0]}"),
             ("min_pcesvn", str(case["pck"]["pcesvn"])), ("debug", "yes" if case["body"]["debug"] else "no")]
    another = "UpToDate" if status != "UpToDate" else "SWHardeningNeeded"
    changes = [("tcb_status", another, "EVIDENCE_TCB"), ("min_evaluation", "1000", "EVIDENCE_EVALUATION"),
               ("max_age", "1s", "EVIDENCE_COLLATERAL_EXPIRED"),
               ("min_component", f"1 {case['pck']['tcb_comp_svns'][0] + 1}", "EVIDENCE_TCB"),
               ("min_pcesvn", str(case["pck"]["pcesvn"] + 1), "EVIDENCE_TCB")]
    if accepted != "none":
        changes.append(("advisory", "none", "EVIDENCE_ADVISORY"))
    if case["body"]["debug"]:
        changes.append(("debug", "no", "EVIDENCE_DEBUG"))
    return lines, changes


def sgx(case, evaluation):
    body = case["body"]
    lines, changes = platform(case, evaluation)
    return [("mrenclave", body["mrenclave"]), *lines], [
        ("mrenclave", other(body["mrenclave"]), "EVIDENCE_MEASUREMENT"), *changes]


def sgx_signer(case, evaluation):
    body = case["body"]
    lines, _ = platform(case, evaluation)
    signer = "{mrsigner} {isvprodid} {isvsvn}".format(**body)
    return [("signer", signer), *lines], [
        ("signer", other(body["mrsigner"]) + f" {body['isvprodid']} {body['isvsvn']}", "EVIDENCE_MEASUREMENT"),
        ("signer", f"{body['mrsigner']} {body['isvprodid'] + 1} {body['isvsvn']}", "EVIDENCE_MEASUREMENT"),
        ("signer", f"{body['mrsigner']} {body['isvprodid']} {body['isvsvn'] + 1}", "EVIDENCE_MEASUREMENT")]


def tdx(case, evaluation):
    body = case["body"]
    lines, changes = platform(case, evaluation)
    names = ["mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3", "mrconfigid", "mrowner", "mrownerconfig"]
    least = body["tee_tcb_svn"]
    more = f"{int(least[:2], 16) + 1:02x}{least[2:]}"
    own = [(name, body[name]) for name in names]
    own += [("td_attributes", "require sept_ve_disable"), ("min_tee_tcb_svn", least)]
    changed = [(name, other(body[name]), "EVIDENCE_MEASUREMENT") for name in names]
    changed += [("td_attributes", "require sept_ve_disable pks", "EVIDENCE_GUEST_POLICY"),
                ("min_tee_tcb_svn", more, "EVIDENCE_TCB")]
    return own + lines, changed + changes


def snp(case):
    report, certificate = case["report"], case["endorsement"]
    product = certificate["ext"]["productName"].split("-")[0]
    versions = "{} bootloader={bl} tee={tee} snp={snp} microcode={ucode}"
    least = versions.format(product, **report["rtcb"])
    newer = versions.format(product, **{**report["rtcb"], "ucode": report["rtcb"]["ucode"] + 1})
    wrong = versions.format("Genoa" if product == "Milan" else "Milan", **report["rtcb"])
    debug = report["pol"]["debug"] == 1
    lines = [("measurement", report["measurement"]), ("host_data", report["host_data"]), ("product", least),
             ("max_vmpl", str(report["vmpl"])), ("signing_key", certificate["kind"]),
             ("guest_policy", "require none\nguest_policy allow smt"), ("crl", "optional"), ("max_age", "90d"),
             ("debug", "yes" if debug else "no")]
    changes = [("measurement", other(report["measurement"]), "EVIDENCE_MEASUREMENT"),
               ("host_data", other(report["host_data"]), "EVIDENCE_MEASUREMENT"), ("product", newer, "EVIDENCE_TCB"),
               ("product", wrong, "EVIDENCE_PLATFORM"),
               ("signing_key", "VLEK" if certificate["kind"] == "VCEK" else "VCEK", "EVIDENCE_SIGNER"),
               ("guest_policy", "require none", "EVIDENCE_GUEST_POLICY"),
               ("guest_policy", "require single_socket\nguest_policy allow smt", "EVIDENCE_GUEST_POLICY"),
               ("crl", "required", "EVIDENCE_CRL")]
    if report["vmpl"] > 0:
        changes.append(("max_vmpl", str(report["vmpl"] - 1), "EVIDENCE_GUEST_POLICY"))
    if debug:
        changes.append(("debug", "no", "EVIDENCE_DEBUG"))
    return lines, changes


def psa(case, key, other_key):
    claims = case["claims"]
    software = claims.get("2399") or claims.get("-75006")
    instance = claims.get("256") or claims.get("-75009")
    implementation = claims.get("2396") or claims.get("-75003")
    legacy = "-75000" in claims
    parts = [f"type={part['1']} measurement={part['2']} signer={part['5']}" for part in software]
    lines = [("device", f"{key} name=any instance={instance}"), ("implementation", implementation),
             ("component", "\ncomponent ".join(parts)), ("debug", "no"), ("legacy", "yes" if legacy else "no")]
    changes = [("device", f"{other_key} name=any instance={instance}", "FORGED"),
               ("device", f"{key} name=any instance=01{other(instance[2:])}", "EVIDENCE_ROOT"),
               ("implementation", other(implementation), "EVIDENCE_MEASUREMENT"),
               ("component", "\ncomponent ".join([parts[0].replace(software[0]["2"], other(software[0]["2"])), *parts[1:]]),
                "EVIDENCE_MEASUREMENT"),
               ("component", "\ncomponent ".join([parts[0].replace(software[0]["5"], other(software[0]["5"])), *parts[1:]]),
                "EVIDENCE_MEASUREMENT"),
               ("component", "\ncomponent ".join(
                   [*parts, f"type=any measurement={other(software[0]['2'])} signer=any"]), "EVIDENCE_MEASUREMENT")]
    if legacy:
        changes.append(("legacy", "no", "EVIDENCE_KIND"))
    return lines, changes


def tpm_public(pem):
    """The TPMT_PUBLIC that a TPM would show for this key of RSA with 2048 bits: an AK that signs with RSASSA, SHA-256."""
    lines = [line for line in pem.splitlines() if not line.startswith("-----")]
    der = base64.b64decode("".join(lines))
    modulus = der[-261:-5]  # SubjectPublicKeyInfo ends with the modulus and 02 03 01 00 01
    return bytes.fromhex("0001 000b 00050072 0000 0010 0014 000b 0800 00000000 0100") + modulus


def tpm(case, public, pcrs):
    name = "000b" + hashlib.sha256(public).hexdigest()
    lines = [("ak", f"{name} name=any"), ("pcr", f"sha256:7 {pcrs['7']}"), ("pcr", f"sha256:23 {pcrs['23']}")]
    return lines, [("ak", "000b" + other(name[4:]) + " name=any", "EVIDENCE_ROOT"),
                   ("pcr", f"sha256:7 {other(pcrs['7'])}", "EVIDENCE_MEASUREMENT")]


def write(folder, name, contents):
    path = os.path.join(folder, name)
    with open(path, "wb" if isinstance(contents, bytes) else "w") as file:
        file.write(contents)
    return path
