#include "server/watch/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <time.h>

enum status certificate_end(const char *path, int64_t *out_end_us)
{
    struct tm end;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return STATUS_IO;
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    enum status status = STATUS_INVALID;
    if (certificate != NULL && ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1) {
        *out_end_us = (int64_t)timegm(&end) * 1000000;
        status = STATUS_OK;
    }
    X509_free(certificate);
    return status;
}
