/* The Merkle tree of RFC 6962 section 2.1: leaf hash SHA-256(0x00 || leaf), node hash
 * SHA-256(0x01 || left || right), split at the largest power of two below n. Pure; any thread. */
#ifndef ZHIBAO_PROOF_MERKLE_H
#define ZHIBAO_PROOF_MERKLE_H

#include "proof/sign.h"

enum { MERKLE_PATH_MAX = 32 };

struct merkle_path {
    uint8_t length;
    struct hash nodes[MERKLE_PATH_MAX]; /* from the leaf's sibling up to the root's child */
};

struct hash merkle_leaf(const void *leaf, size_t size);

/* Root of `count` leaf hashes, count >= 1. */
struct hash merkle_root(const struct hash *leaves, size_t count);

/* Audit path of leaf `index` < `count`. */
void merkle_path(const struct hash *leaves, size_t count, size_t index,
                 struct merkle_path *out_path);

/* All `count` paths at once into out_paths[count], and the root: O(n log n) copies, n hashes. */
MUST_CHECK enum status merkle_paths(const struct hash *leaves, size_t count, struct hash *out_root,
                                    struct merkle_path *out_paths);

/* Root that `path` leads to from a leaf hash (RFC 9162 section 2.1.3.2). STATUS_INVALID when the
 * path's length does not fit index and count. */
MUST_CHECK enum status merkle_climb(const struct hash *leaf, uint64_t index, uint64_t count,
                                    const struct merkle_path *path, struct hash *out_root);

#endif
