/* Small figures left out of what is published, and what else must be so that nobody works them out.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "assess/suppress.h"

static size_t hidden_count(const bool *hidden, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += hidden[i];
    return found;
}

Test(suppress, small_ones_and_what_tells_them)
{
    bool hidden[12];
    uint64_t lone[] = {3};
    suppress_table(lone, 1, 1, hidden);
    cr_expect(hidden[0]);
    /* one small cell: the smallest other goes with it, a total would tell it; zeros stay */
    uint64_t row[] = {3, 50, 0, 20};
    suppress_table(row, 1, 4, hidden);
    cr_expect(hidden[0] && hidden[3] && !hidden[1] && !hidden[2]);
    /* two ones add up to 2 and are known: a third must go */
    uint64_t ones[] = {1, 1, 9, 30};
    suppress_table(ones, 1, 4, hidden);
    cr_expect(hidden[0] && hidden[1] && hidden[2] && !hidden[3]);
    uint64_t fours[] = {4, 4, 9, 30};
    suppress_table(fours, 1, 4, hidden);
    cr_expect_eq(hidden_count(hidden, 4), 3);
    uint64_t safe[] = {5, 0, 9, 30};
    suppress_table(safe, 1, 4, hidden);
    cr_expect_eq(hidden_count(hidden, 4), 0);
}

/* Of a line with a single cell missing everybody knows it: it may only be a 0. */
static bool tells_one(const uint64_t *cells, const bool *hidden, size_t count, size_t step)
{
    size_t missing = 0, last = 0;
    for (size_t i = 0; i < count; i++)
        if (hidden[i * step]) {
            missing++;
            last = i * step;
        }
    return missing == 1 && cells[last] > 0;
}

/* No row or column of any table is left with a single cell missing. */
Test(suppress, tables)
{
    uint64_t cells[12];
    bool hidden[12];
    unsigned seed = 7;
    for (int round = 0; round < 2000; round++) {
        for (size_t i = 0; i < 12; i++) {
            seed = seed * 1103515245 + 12345;
            cells[i] = (seed >> 16) % 12;
        }
        suppress_table(cells, 3, 4, hidden);
        for (size_t i = 0; i < 12; i++)
            cr_assert(cells[i] == 0 || cells[i] >= 5 || hidden[i]);
        for (size_t row = 0; row < 3; row++)
            cr_assert_not(tells_one(cells + row * 4, hidden + row * 4, 4, 1));
        for (size_t column = 0; column < 4; column++)
            cr_assert_not(tells_one(cells + column, hidden + column, 3, 4));
    }
}

/* A place and those below it, each with a whole, its parts and what they leave, and a count within
 * the whole: what is published of a year. */
enum { PLACES_MAX = 6, KINDS_MAX = 6, CELLS_MAX = PLACES_MAX * KINDS_MAX };

struct published {
    size_t places,
        kinds; /* kinds: 0 whole, 1.. parts, one of them implied, last two: within, rest */
    struct suppress_cell cells[CELLS_MAX];
    struct suppress_sum sums[CELLS_MAX * 2];
    size_t parts[CELLS_MAX * 8];
    struct suppress_system system;
};

static unsigned draw(unsigned *seed, unsigned below)
{
    *seed = *seed * 1103515245 + 12345;
    return (*seed >> 16) % below;
}

static void publish_sum(struct published *p, size_t total, const size_t *parts, size_t count,
                        size_t *used)
{
    p->sums[p->system.sum_count++] = (struct suppress_sum){total, *used, count};
    for (size_t i = 0; i < count; i++)
        p->parts[(*used)++] = parts[i];
}

static void publish_make(struct published *p, unsigned *seed)
{
    size_t used = 0, split = 1 + draw(seed, 3), within = split + 1; /* parts 1..split */
    unsigned size = 3 + draw(seed, 12);
    memset(p, 0, sizeof *p);
    p->places = 2 + draw(seed, PLACES_MAX - 1);
    p->kinds = split + 3;
    p->system = (struct suppress_system){p->cells, p->places * p->kinds, p->sums, 0, p->parts};
    for (size_t place = 1; place < p->places; place++) {
        struct suppress_cell *cells = &p->cells[place * p->kinds];
        for (size_t i = 1; i <= split; i++) {
            cells[i].counts[0] = draw(seed, 3) == 0 ? 0 : draw(seed, size);
            cells[0].counts[0] += cells[i].counts[0];
        }
        cells[within].counts[0] = draw(seed, (unsigned)cells[0].counts[0] + 1);
        cells[within + 1].counts[0] = cells[0].counts[0] - cells[within].counts[0];
        for (size_t i = 0; i < p->kinds; i++)
            p->cells[i].counts[0] += cells[i].counts[0];
    }
    bool all_printed = draw(seed, 2) == 0;
    for (size_t place = 0; place < p->places; place++) {
        size_t first = place * p->kinds, list[KINDS_MAX];
        p->cells[first + split].implied = !all_printed;
        p->cells[first + within + 1].implied = true;
        for (size_t i = 1; i <= split; i++)
            list[i - 1] = first + i;
        publish_sum(p, first, list, split, &used);
        publish_sum(p, first, (size_t[]){first + within, first + within + 1}, 2, &used);
    }
    for (size_t kind = 0; kind < p->kinds; kind++) {
        size_t list[PLACES_MAX];
        for (size_t place = 1; place < p->places; place++)
            list[place - 1] = place * p->kinds + kind;
        publish_sum(p, kind, list, p->places - 1, &used);
    }
}

static bool is_unknown(const struct suppress_cell *cell)
{
    return cell->implied || cell->hidden;
}

/* Gauss and Jordan on the sums, the unknown cells being the unknowns: `told` those that have one
 * solution only. */
static void solve(const struct published *p, bool told[CELLS_MAX])
{
    double rows[CELLS_MAX * 2][CELLS_MAX] = {{0}};
    size_t cells = p->system.cell_count, sums = p->system.sum_count, rank = 0;
    for (size_t i = 0; i < sums; i++) {
        const struct suppress_sum *sum = &p->sums[i];
        if (is_unknown(&p->cells[sum->total]))
            rows[i][sum->total] -= 1;
        for (size_t k = 0; k < sum->count; k++)
            if (is_unknown(&p->cells[p->parts[sum->first + k]]))
                rows[i][p->parts[sum->first + k]] += 1;
    }
    for (size_t column = 0; column < cells && rank < sums; column++) {
        size_t pivot = rank;
        while (pivot < sums && fabs(rows[pivot][column]) < 1e-9)
            pivot++;
        if (pivot == sums)
            continue;
        for (size_t k = 0; k < cells; k++) {
            double held = rows[rank][k];
            rows[rank][k] = rows[pivot][k];
            rows[pivot][k] = held;
        }
        for (size_t i = 0; i < sums; i++) {
            double times = i == rank ? 0 : rows[i][column] / rows[rank][column];
            for (size_t k = 0; times != 0 && k < cells; k++)
                rows[i][k] -= times * rows[rank][k];
        }
        rank++;
    }
    memset(told, 0, CELLS_MAX * sizeof *told);
    for (size_t i = 0; i < rank; i++) {
        size_t terms = 0, last = 0;
        for (size_t k = 0; k < cells; k++)
            if (fabs(rows[i][k]) > 1e-9) {
                terms++;
                last = k;
            }
        if (terms == 1)
            told[last] = true;
    }
}

/* Besides, no count is below 0: how much and how little each cell can be, sum by sum until nothing
 * changes. `told`: those that can be one thing only. */
static void corner(const struct suppress_system *system, size_t side, bool told[CELLS_MAX])
{
    double least[CELLS_MAX], most[CELLS_MAX];
    for (size_t i = 0; i < system->cell_count; i++) {
        bool unknown = is_unknown(&system->cells[i]);
        least[i] = unknown ? 0 : (double)system->cells[i].counts[side];
        most[i] = unknown ? 1e6 : least[i];
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t s = 0; s < system->sum_count; s++) {
            const struct suppress_sum *sum = &system->sums[s];
            for (size_t k = 0; k <= sum->count; k++) {
                size_t at = k < sum->count ? system->parts[sum->first + k] : sum->total;
                double low = least[sum->total], high = most[sum->total];
                for (size_t i = 0; i < sum->count; i++) {
                    size_t part = system->parts[sum->first + i];
                    low -= part == at ? 0 : most[part];
                    high -= part == at ? 0 : least[part];
                }
                if (k == sum->count) {
                    low = high = 0;
                    for (size_t i = 0; i < sum->count; i++) {
                        low += least[system->parts[sum->first + i]];
                        high += most[system->parts[sum->first + i]];
                    }
                }
                changed = changed || low > least[at] || high < most[at];
                least[at] = fmax(least[at], low);
                most[at] = fmin(most[at], high);
            }
        }
    }
    for (size_t i = 0; i < system->cell_count; i++)
        told[i] = most[i] - least[i] < 0.5;
}

/* The girls of a county have none, so those of each township have none, whatever is left out: it
 * must be the boys of another township and its whole that keep three boys from being told. */
Test(suppress, what_is_nothing_everywhere_hides_nothing)
{
    enum { BOYS, GIRLS, WHOLE, TOWNSHIPS = 4, CELLS = 3 * (TOWNSHIPS + 1) };
    static const uint64_t boys[TOWNSHIPS] = {3, 9, 14, 22};
    struct suppress_cell cells[CELLS_MAX] = {0};
    struct suppress_sum sums[CELLS_MAX] = {0};
    size_t parts[CELLS_MAX], used = 0;
    struct suppress_system system = {cells, CELLS, sums, 0, parts};
    for (size_t place = 1; place <= TOWNSHIPS; place++)
        for (size_t kind = BOYS; kind <= WHOLE; kind++) {
            uint64_t cases = kind == GIRLS ? 0 : boys[place - 1], all = kind == WHOLE ? 100 : 50;
            cells[3 * place + kind].counts[0] = cases;
            cells[3 * place + kind].counts[1] = all - cases;
            cells[kind].counts[0] += cases;
            cells[kind].counts[1] += all - cases;
        }
    for (size_t kind = BOYS; kind <= WHOLE; kind++) {
        sums[system.sum_count++] = (struct suppress_sum){kind, used, TOWNSHIPS};
        for (size_t place = 1; place <= TOWNSHIPS; place++)
            parts[used++] = 3 * place + kind;
    }
    for (size_t place = 0; place <= TOWNSHIPS; place++) {
        sums[system.sum_count++] = (struct suppress_sum){3 * place + WHOLE, used, 2};
        parts[used++] = 3 * place + BOYS;
        parts[used++] = 3 * place + GIRLS;
    }
    cr_assert(suppress_settle(&system));
    bool told[CELLS_MAX];
    corner(&system, 0, told);
    cr_expect_not(told[3 + BOYS], "three boys are told");
    cr_expect_not(told[3 + WHOLE], "three children are told");
    size_t hidden = 0;
    for (size_t i = 0; i < CELLS; i++)
        hidden += cells[i].hidden;
    cr_expect_lt(hidden, (size_t)CELLS - 4, "%zu of %d left out", hidden, CELLS);
}

/* Whoever knows every total of every level, every part and what is within what cannot work out one
 * small figure, printed or only implied, however the sums are combined. */
Test(suppress, nothing_small_can_be_worked_out)
{
    unsigned seed = 11;
    size_t hidden = 0, printed = 0, bare = 0;
    for (int round = 0; round < 20000; round++) {
        static struct published p;
        bool told[CELLS_MAX], before[CELLS_MAX], cornered[CELLS_MAX];
        publish_make(&p, &seed);
        for (size_t i = 0; i < p.system.cell_count; i++)
            p.cells[i].hidden = !p.cells[i].implied && suppress_is_small(p.cells[i].counts);
        solve(&p, before);
        cr_assert(suppress_settle(&p.system));
        solve(&p, told);
        corner(&p.system, 0, cornered);
        for (size_t i = 0; i < p.system.cell_count; i++) {
            bool small = suppress_is_small(p.cells[i].counts);
            bare += small && before[i];
            hidden += p.cells[i].hidden;
            printed += !is_unknown(&p.cells[i]);
            cr_assert(!small || is_unknown(&p.cells[i]), "round %d: cell %zu is printed", round, i);
            cr_assert(!small || !told[i], "round %d: cell %zu of %zu can be worked out", round, i,
                      p.system.cell_count);
            cr_assert(!small || !cornered[i], "round %d: cell %zu can be but one thing", round, i);
        }
    }
    cr_expect_gt(bare, 10000U, "the attack works on what has no complementary suppression");
    cr_expect_gt(printed, hidden, "%zu printed, %zu left out", printed, hidden);
}
