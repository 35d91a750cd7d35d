#include "proof/key_proof.h"

#include <assert.h>

#include "base/cursor.h"

static const char PROOF_DOMAIN[] = "zhibao/keyproof/v1";

enum { PROOF_BYTES = KEY_ID_BYTES + 1 + 3 * 32 };

static void proof_write(const struct key_proof *proof, uint8_t out[PROOF_BYTES])
{
    struct writer writer = {.bytes = out, .size = PROOF_BYTES};
    write_bytes(&writer, proof->old.bytes, sizeof proof->old.bytes);
    write_number(&writer, proof->sign.algorithm, 1);
    write_bytes(&writer, proof->sign.bytes, sizeof proof->sign.bytes);
    write_bytes(&writer, proof->transport, sizeof proof->transport);
    write_bytes(&writer, proof->encrypt, sizeof proof->encrypt);
    assert(!writer.bad && writer.used == PROOF_BYTES);
}

struct signature key_proof_sign(const struct key_proof *proof, const struct sign_secret *fresh)
{
    uint8_t bytes[PROOF_BYTES];
    proof_write(proof, bytes);
    return sign_bytes(fresh, PROOF_DOMAIN, bytes, sizeof bytes);
}

enum status key_proof_verify(const struct key_proof *proof, const uint8_t *signature,
                             size_t signature_size)
{
    uint8_t bytes[PROOF_BYTES];
    proof_write(proof, bytes);
    return sign_verify(&proof->sign, PROOF_DOMAIN, bytes, sizeof bytes, signature, signature_size);
}
