/* Passes where -ftrivial-auto-var-init can be trusted. GCC 12 clears "padding" of a structure
 * behind an initialiser and takes parts of a nested array for it: receipts lost bytes of their
 * path. */
struct node {
    unsigned char bytes[32];
};
struct path {
    unsigned char length;
    struct node nodes[32];
};
struct tail {
    unsigned char kind;
    long long unit;
};
struct whole {
    unsigned index;
    struct path path;
    struct tail tail;
};

int main(int argc, char **argv)
{
    struct path path = {.length = 1};
    struct tail tail = {1, 2};
    int lost = 0;
    (void)argv;
    for (int i = 0; i < 32; i++)
        for (int k = 0; k < 32; k++)
            path.nodes[i].bytes[k] = 0xab;
    __asm__ volatile("" : : "r"(&path), "r"(&tail) : "memory");
    struct whole whole = {.index = (unsigned)argc, .path = path, .tail = tail};
    __asm__ volatile("" : : "r"(&whole) : "memory");
    for (int i = 0; i < 32; i++)
        for (int k = 0; k < 32; k++)
            lost += whole.path.nodes[i].bytes[k] != 0xab;
    return lost;
}
