/* Vectors: RFC 6962 reference tests of Certificate Transparency (merkle_tree_test). */
#include <criterion/criterion.h>
#include <string.h>

#include "base/bytes.h"
#include "proof/merkle.h"

enum { LEAVES = 8 };

static const struct {
    size_t size;
    const char *hex;
} inputs[LEAVES] = {
    {0,  ""                                },
    {1,  "00"                              },
    {1,  "10"                              },
    {2,  "2021"                            },
    {2,  "3031"                            },
    {4,  "40414243"                        },
    {8,  "5051525354555657"                },
    {16, "606162636465666768696a6b6c6d6e6f"}
};

static const char *const roots[LEAVES] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static void leaves_make(struct hash leaves[LEAVES])
{
    for (size_t i = 0; i < LEAVES; i++) {
        uint8_t bytes[16];
        cr_assert_eq(hex_decode(inputs[i].hex, bytes, inputs[i].size), STATUS_OK);
        leaves[i] = merkle_leaf(bytes, inputs[i].size);
    }
}

Test(merkle, roots_equal_the_reference_vectors)
{
    struct hash leaves[LEAVES];
    leaves_make(leaves);
    for (size_t n = 1; n <= LEAVES; n++) {
        char hex[65];
        struct hash root = merkle_root(leaves, n);
        cr_assert_str_eq(hex_encode(root.bytes, 32, hex), roots[n - 1]);
    }
}

Test(merkle, every_path_leads_to_the_root_and_nowhere_else)
{
    enum { MOST = 70 };
    struct hash leaves[MOST];
    struct merkle_path paths[MOST];
    for (size_t i = 0; i < MOST; i++)
        leaves[i] = merkle_leaf(&i, sizeof i);
    for (size_t n = 1; n <= MOST; n++) {
        struct hash root;
        cr_assert_eq(merkle_paths(leaves, n, &root, paths), STATUS_OK);
        struct hash again = merkle_root(leaves, n);
        cr_assert_eq(memcmp(&root, &again, sizeof root), 0);
        for (size_t i = 0; i < n; i++) {
            struct merkle_path path;
            struct hash climbed;
            merkle_path(leaves, n, i, &path);
            cr_assert_eq(path.length, paths[i].length);
            cr_assert_eq(memcmp(path.nodes, paths[i].nodes, path.length * sizeof path.nodes[0]), 0);
            cr_assert_eq(merkle_climb(&leaves[i], i, n, &path, &climbed), STATUS_OK);
            cr_assert_eq(memcmp(&climbed, &root, sizeof root), 0);
            if (n > 1) {
                size_t other = (i + 1) % n;
                enum status status = merkle_climb(&leaves[other], i, n, &path, &climbed);
                cr_assert(status != STATUS_OK || memcmp(&climbed, &root, sizeof root) != 0);
            }
            path.length++;
            cr_assert_eq(merkle_climb(&leaves[i], i, n, &path, &climbed), STATUS_INVALID);
        }
    }
}
