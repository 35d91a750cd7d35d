#include "web/certificate.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "lib/files.h"

enum { VALID_S = 3650 * 24 * 3600 };

static bool add_extension(X509 *certificate, int which, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, which, value);
    bool added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[16];
    BIGNUM *number = NULL;
    bool set = RAND_bytes(bytes, sizeof bytes) == 1;
    bytes[0] &= 0x7f;
    number = set ? BN_bin2bn(bytes, sizeof bytes, NULL) : NULL;
    set = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return set;
}

static bool fill(X509 *certificate, EVP_PKEY *key, const char *host)
{
    char names[400];
    bool is_address = host[strspn(host, "0123456789.")] == '\0';
    snprintf(names, sizeof names, "%s:%.255s,DNS:localhost,IP:127.0.0.1", is_address ? "IP" : "DNS",
             host[0] == '\0' ? "localhost" : host);
    X509_NAME *name = X509_get_subject_name(certificate);
    return X509_set_version(certificate, 2) == 1 && set_serial(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -300) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_S) != NULL &&
           X509_set_pubkey(certificate, key) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                      (const unsigned char *)"Zhibao portal", -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1 &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
           add_extension(certificate, NID_subject_alt_name, names) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

/* Writes what was put into a memory BIO. */
static enum status write_bio(BIO *bio, const char *path, mode_t mode)
{
    char *bytes = NULL;
    long size = BIO_get_mem_data(bio, &bytes);
    return size <= 0 ? STATUS_IO : file_write(path, bytes, (size_t)size, mode);
}

enum status certificate_make(const char *key_path, const char *certificate_path, const char *host)
{
    enum status status = STATUS_NO_MEMORY;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    BIO *key_text = BIO_new(BIO_s_secmem()), *certificate_text = BIO_new(BIO_s_mem());
    if (key != NULL && certificate != NULL && key_text != NULL && certificate_text != NULL &&
        fill(certificate, key, host) &&
        PEM_write_bio_PrivateKey(key_text, key, NULL, NULL, 0, NULL, NULL) == 1 &&
        PEM_write_bio_X509(certificate_text, certificate) == 1) {
        status = write_bio(key_text, key_path, 0600);
        if (status == STATUS_OK)
            status = write_bio(certificate_text, certificate_path, 0644);
    }
    BIO_free(key_text);
    BIO_free(certificate_text);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return status;
}
