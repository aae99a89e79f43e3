/* Certificates in forms that are less usual: each signed by itself, made with OpenSSL 3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "x509.h"

#define GOLDEN_P521 \
    "-----BEGIN CERTIFICATE-----\n" \
    "MIIB2TCCATqgAwIBAgIBATAKBggqhkjOPQQDBDAPMQ0wCwYDVQQDDARwNTIxMCAX\n" \
    "DTI2MTEyMTEzMjI1M1oYDzIwNTkwOTI5MTMyMjUzWjAPMQ0wCwYDVQQDDARwNTIx\n" \
    "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAyMiieuwbMJxvz3gMaYK2fc6uHQLc\n" \
    "RBnNU9iinGleMGHxCO1mYJLaNx0zOd/jSboB8S0QoPJ12/FKa7rT1Ywf4PkBl9EP\n" \
    "+CA4OFAAFngdU7K1HWSfp4xN8gReB3BOxn/0HqnbXrfrfwoMr6MNRU9HrJnZoUeH\n" \
    "2I8ihyHFnSjPkEVDIMCjQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQD\n" \
    "AgEGMB0GA1UdDgQWBBRdSRy0NXeH22IhTRovGphEige/3DAKBggqhkjOPQQDBAOB\n" \
    "jAAwgYgCQgG84pwsVTMobt2J/4XSKNUAY7o2p/ygkB8yLCX0cdJJRpc1X6iZTV85\n" \
    "+1XWMp4d0cfG4h8iqYORhxXIXCYH9MooPQJCAS8Fd/TVgjmKwIq1V7BuEFk/DnpK\n" \
    "OFsxAdwPiL6lA7HMg0sPInSBG4rQwlQrAi79pGVZDLsXHy/ppnlAWNXx6tsU\n" \
    "-----END CERTIFICATE-----\n"

#define GOLDEN_P256_SHA512 \
    "-----BEGIN CERTIFICATE-----\n" \
    "MIIBTjCB9aADAgECAgEBMAoGCCqGSM49BAMEMA8xDTALBgNVBAMMBHAyNTYwHhcN\n" \
    "MjYxMTIxMTMyMjUzWhcNMjcwMzAxMTMyMjUzWjAPMQ0wCwYDVQQDDARwMjU2MFkw\n" \
    "EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqzYv0fS/JFd2t7CEVTgvQQttM36HL4S0\n" \
    "KsT+3oDKoIMC8aisQ6u6K+fRr8A0ZhjmGZHiZ+vGJjKU+1iU+uJbVqNCMEAwDwYD\n" \
    "VR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0OBBYEFEs0CLxJBDij\n" \
    "1OwgR2cgKU6yHDSRMAoGCCqGSM49BAMEA0gAMEUCIC+JX+K/k5f7Ze37zcmoOvk+\n" \
    "fAiDNwb6DYa4JGFabbibAiEAt1Izm181i1rNEUY3qMw21MtyOHQOjIMeltBOBtGx\n" \
    "HC4=\n" \
    "-----END CERTIFICATE-----\n"

#define GOLDEN_RSA_SHA512 \
    "-----BEGIN CERTIFICATE-----\n" \
    "MIIC3zCCAcegAwIBAgIBATANBgkqhkiG9w0BAQ0FADARMQ8wDQYDVQQDDAZyc2E1\n" \
    "MTIwHhcNMjYxMTIxMTMyMjUzWhcNMjcwMzAxMTMyMjUzWjARMQ8wDQYDVQQDDAZy\n" \
    "c2E1MTIwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDEdrH6r+E0fDjY\n" \
    "0vvdg1xCD7NEj8aQS3iO5vqRe8Qax+mOF7d+tgsbHioNPG39mZTavRhEWcj4H6xI\n" \
    "WybUzyRdZIQJvLjuNyHJjT1XW/7LuDL5dhZz0lE6XdHOv4D9PLeVVZARPkOmNS2b\n" \
    "0TCPxisNHJ0EM9t1vOSpp4fl6v73SrrTK6awmTJk7qMWpRkUtN9mjOs5r41nw1t+\n" \
    "65tEgHfTRp7EqbGlvDnLhRDxo/y0oy2vIg4AMN6tD8Ipk189OiyLWqJAdgxrapcV\n" \
    "qCYEPIfddMcNnF/resNxJVLlFAxaWieTrewAd+bJpCWilPiLaUeJ3GHwXIm8Jtta\n" \
    "HgG1anD3AgMBAAGjQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEG\n" \
    "MB0GA1UdDgQWBBQKAde0mUloB1HFtjhyG0FdDAgcPDANBgkqhkiG9w0BAQ0FAAOC\n" \
    "AQEAtWYa/IM63hsFnI7LrLeGYN6otAjCqUgD92288+q8tm4Jj1Ni82l8uhxDAk2x\n" \
    "B1CXMBG651b2C08Bs67u2B5x8lpnzdRxCJ69XAi+7BmswvcMPvok33n4OYHjreSR\n" \
    "xd+9jXGW7mTN16fOFt3lFgHll6e4it/Bpd0hLyRqKESBtHtBChQzPeE9AU5sQwzC\n" \
    "FPh+arVVvkIF7UCwK1jPPv5IWnRY4l23x30hLAMcAE8L7ZbK0BYXdr9oJYDL0Bi4\n" \
    "5WyA5nO8FRCfTWliswjgq1j+6/J0y9UOjesrbtXkTZgRCTdz1isTtjrSkQA76QVG\n" \
    "1kdCOshqJ2KRPEBL/409q+NpOQ==\n" \
    "-----END CERTIFICATE-----\n"

#define GOLDEN_PSS_SHA512 \
    "-----BEGIN CERTIFICATE-----\n" \
    "MIIDRzCCAfugAwIBAgIBATBBBgkqhkiG9w0BAQowNKAPMA0GCWCGSAFlAwQCAwUA\n" \
    "oRwwGgYJKoZIhvcNAQEIMA0GCWCGSAFlAwQCAwUAogMCAUAwETEPMA0GA1UEAwwG\n" \
    "cHNzNTEyMB4XDTI2MTEyMTEzMjI1M1oXDTI3MDMwMTEzMjI1M1owETEPMA0GA1UE\n" \
    "AwwGcHNzNTEyMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAxHax+q/h\n" \
    "NHw42NL73YNcQg+zRI/GkEt4jub6kXvEGsfpjhe3frYLGx4qDTxt/ZmU2r0YRFnI\n" \
    "+B+sSFsm1M8kXWSECby47jchyY09V1v+y7gy+XYWc9JROl3Rzr+A/Ty3lVWQET5D\n" \
    "pjUtm9Ewj8YrDRydBDPbdbzkqaeH5er+90q60yumsJkyZO6jFqUZFLTfZozrOa+N\n" \
    "Z8NbfuubRIB300aexKmxpbw5y4UQ8aP8tKMtryIOADDerQ/CKZNfPTosi1qiQHYM\n" \
    "a2qXFagmBDyH3XTHDZxf63rDcSVS5RQMWlonk63sAHfmyaQlopT4i2lHidxh8FyJ\n" \
    "vCbbWh4BtWpw9wIDAQABo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQE\n" \
    "AwIBBjAdBgNVHQ4EFgQUCgHXtJlJaAdRxbY4chtBXQwIHDwwQQYJKoZIhvcNAQEK\n" \
    "MDSgDzANBglghkgBZQMEAgMFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgMF\n" \
    "AKIDAgFAA4IBAQAk4e9C8gVkGxUGwMeelbkP/QsekmYu+GlKCFLpS8el6tK3WUY8\n" \
    "kc403fiAVVL4cXFP8RByPhlE1YMkm77GDyh8v59UPhzvUYV9J9q/xoCHE2eVikiV\n" \
    "qjeZR8xm9dtiswHbtqtIBw8stYsN/355nzmVjUyQ1pJpgE9ebpReKcvpBGT54cZp\n" \
    "V+eytXKHCUXkTG2Skv31LiiX1SyjEINOrxJvfKjBDgL19uHbAoeKjUlbiySTRgph\n" \
    "ZFrhpZJ4KUN4r4ArUEYfpOSEockF+kE3TNhYvHRMD7k+EzCogM5dH0PCXtNGbTfK\n" \
    "5ugPpYKR2A+bV8NbnLsz/xySi+XoUC7dvsz2\n" \
    "-----END CERTIFICATE-----\n"

static void certificates_that_sign_themselves_with_sha_512_verify(void **state)
{
    static const struct {
        const char *what, *pem;
        enum x509_key_kind kind;
        enum x509_scheme scheme;
    } cases[] = {
        {"P-521", GOLDEN_P521, X509_KEY_P521, X509_ECDSA},
        {"P-256 with SHA-512", GOLDEN_P256_SHA512, X509_KEY_P256, X509_ECDSA},
        {"RSA", GOLDEN_RSA_SHA512, X509_KEY_RSA, X509_RSA_PKCS1},
        {"RSA-PSS", GOLDEN_PSS_SHA512, X509_KEY_RSA, X509_RSA_PSS},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct view from = view_of_string(cases[i].pem), der;
        uint8_t bytes[4096];
        struct buf space = BUF_OF(bytes);
        struct x509_certificate found;
        enum x509_item item;

        print_message("  %s\n", cases[i].what);
        assert_int_equal(x509_take(&from, &space, &item, &der), STATUS_OK);
        assert_int_equal(x509_certificate_parse(der, &found), STATUS_OK);
        assert_int_equal(found.key.kind, cases[i].kind);
        assert_int_equal(found.signature.scheme, cases[i].scheme);
        assert_int_equal(found.signature.hash, DIGEST_SHA512);
        assert_int_equal(x509_certificate_issued_by(&found, &found), STATUS_OK);
        bytes[(size_t)(found.tbs.ptr - bytes) + found.tbs.len - 1] ^= 1; /* the last byte of what is signed */
        assert_int_equal(x509_certificate_issued_by(&found, &found), STATUS_FORGED);
    }
}

/* From 2050 on a date is a GeneralizedTime. */
static void a_date_after_2049_is_read(void **state)
{
    struct view from = view_of_string(GOLDEN_P521), der;
    uint8_t bytes[4096];
    struct buf space = BUF_OF(bytes);
    struct x509_certificate found;
    enum x509_item item;

    (void)state;
    assert_int_equal(x509_take(&from, &space, &item, &der), STATUS_OK);
    assert_int_equal(x509_certificate_parse(der, &found), STATUS_OK);
    assert_int_equal(found.not_after, 2832067373); /* 2059-09-29T13:22:53Z */
    assert_int_equal(x509_certificate_valid_at(&found, found.not_after), STATUS_OK);
    assert_int_equal(x509_certificate_valid_at(&found, found.not_after + 1), STATUS_EVIDENCE_EXPIRED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_that_sign_themselves_with_sha_512_verify),
        cmocka_unit_test(a_date_after_2049_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
