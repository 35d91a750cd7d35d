#include "proof/merkle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct hash merkle_leaf(const void *leaf, size_t size)
{
    static const uint8_t tag = 0x00;
    return hash_two(&tag, 1, leaf, size);
}

static struct hash merkle_node(const struct hash *left, const struct hash *right)
{
    uint8_t bytes[1 + 2 * HASH_BYTES];
    bytes[0] = 0x01;
    memcpy(bytes + 1, left->bytes, HASH_BYTES);
    memcpy(bytes + 1 + HASH_BYTES, right->bytes, HASH_BYTES);
    return hash_bytes(bytes, sizeof bytes);
}

/* Largest power of two below n, n >= 2. */
static size_t split_point(size_t n)
{
    size_t k = 1;
    while (k * 2 < n)
        k *= 2;
    return k;
}

/* Depth is at most 64: a size_t halves that often. */
struct hash merkle_root(const struct hash *leaves, size_t count)
{
    assert(count >= 1);
    if (count == 1)
        return leaves[0];
    size_t k = split_point(count);
    struct hash left = merkle_root(leaves, k);
    struct hash right = merkle_root(leaves + k, count - k);
    return merkle_node(&left, &right);
}

void merkle_path(const struct hash *leaves, size_t count, size_t index,
                 struct merkle_path *out_path)
{
    assert(index < count);
    if (count == 1) {
        out_path->length = 0;
        return;
    }
    size_t k = split_point(count);
    struct hash sibling;
    if (index < k) {
        merkle_path(leaves, k, index, out_path);
        sibling = merkle_root(leaves + k, count - k);
    } else {
        merkle_path(leaves + k, count - k, index - k, out_path);
        sibling = merkle_root(leaves, k);
    }
    out_path->nodes[out_path->length++] = sibling;
}

/* Root of leaves[0..count) and, on the way up, each sibling appended to the paths below it. */
static struct hash collect(const struct hash *leaves, size_t count, struct merkle_path *paths)
{
    if (count == 1) {
        paths[0].length = 0;
        return leaves[0];
    }
    size_t k = split_point(count);
    struct hash left = collect(leaves, k, paths);
    struct hash right = collect(leaves + k, count - k, paths + k);
    for (size_t i = 0; i < count; i++)
        paths[i].nodes[paths[i].length++] = i < k ? right : left;
    return merkle_node(&left, &right);
}

enum status merkle_paths(const struct hash *leaves, size_t count, struct hash *out_root,
                         struct merkle_path *out_paths)
{
    if (count < 1 || (uint64_t)count > UINT64_C(1) << MERKLE_PATH_MAX)
        return STATUS_LIMIT;
    *out_root = collect(leaves, count, out_paths);
    return STATUS_OK;
}

enum status merkle_climb(const struct hash *leaf, uint64_t index, uint64_t count,
                         const struct merkle_path *path, struct hash *out_root)
{
    if (index >= count || path->length > MERKLE_PATH_MAX)
        return STATUS_INVALID;
    uint64_t fn = index;
    uint64_t sn = count - 1;
    struct hash root = *leaf;
    for (size_t i = 0; i < path->length; i++) {
        if (sn == 0)
            return STATUS_INVALID;
        if ((fn & 1) != 0 || fn == sn) {
            root = merkle_node(&path->nodes[i], &root);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            root = merkle_node(&root, &path->nodes[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0)
        return STATUS_INVALID;
    *out_root = root;
    return STATUS_OK;
}
