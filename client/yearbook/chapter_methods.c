/* How the figures came about, and the proof of it. */
#include "base/bytes.h"
#include "yearbook/chapters.h"

static void consolidation(const struct book *book, struct document *document)
{
    document_heading(document, TR(book, "汇总", "Consolidation"));
    document_item(
        document,
        TR(book,
           "比率：分子之和除以分母之和，乘以单位的倍数；从不把下级的比率平均。人数、件数：相加。",
           "Rates: the sum of numerators over the sum of denominators, times the unit's "
           "factor, never a mean of rates. Counts are added up."));
    document_item(document,
                  TR(book, "每个单位以审核通过的最新版本为准；未通过、已撤回、签名无效的不计入。",
                     "Of each unit the newest accepted revision counts; what is not accepted, was "
                     "withdrawn or has a bad signature does not."));
    document_item(
        document,
        TR(book, "零、不适用、未采集、未报送四者从填报到本汇编不相混；没有数就是没有数，不作估计。",
           "Zero, not applicable, not collected and not reported stay apart from the form to "
           "this page; what is missing stays missing and is never estimated."));
    document_item(document,
                  TR(book, "“以乡镇为单位”的目标，取最差的乡镇，每个乡镇都达到才算达标。",
                     "A target that holds for every township is judged by the worst one."));
}

static void forecasts(const struct book *book, struct document *document)
{
    document_heading(document, TR(book, "预测和预警", "Forecasts and warnings"));
    document_paragraph(document, TR(book,
                                    "在有界或对数的尺度上取两两斜率的中位数，按信噪比打折，从最近的"
                                    "数外推；区间按序列自己的波动，"
                                    "有50个以上同类序列时参照它们过去预测的实际误差。达标可能性不低"
                                    "于80%为可望达标，50%以上为需关注，20%以上为"
                                    "预计达标困难（黄），更低为预计难以达标（红）。不足4个数不预测"
                                    "。口径有变的，只用变后的数。",
                                    "The median of pairwise slopes on a bounded or logarithmic "
                                    "scale, shrunk by signal to noise, "
                                    "is carried on from the last figure; intervals follow the "
                                    "series' own noise or, with 50 or "
                                    "more series of a kind, how far off forecasts of the others' "
                                    "past were. A target is likely "
                                    "to be met from a probability of 80%, to be watched from 50%, "
                                    "unlikely from 20% (yellow), "
                                    "below that very unlikely (red). Fewer than 4 figures give no "
                                    "forecast. Where a definition "
                                    "changed, only the figures since then are used."));
}

static void suppression(const struct book *book, struct document *document)
{
    document_heading(document, TR(book, "不公布的数", "What is not published"));
    document_paragraph(
        document,
        TR(book,
           "小于5的人数、件数，以及从合计、分项、上下级、相关指标能把它推算出来的数，都以“*"
           "”代替；涉及它们的"
           "预测、预警、图和差距也不列出。分组差距只在规划所在地一级列出，且两组、其余部分和与相关"
           "指标之差都为0或"
           "不小于5。不公布只影响本汇编；主管部门按权限看到的是原数。",
           "Counts of persons or cases below 5, and whatever would tell them by way of totals, "
           "parts, "
           "places above and below or related indicators, are replaced by \"*\"; forecasts, "
           "warnings, "
           "charts and gaps that rest on them are left out too. Gaps between groups are given only "
           "for "
           "the plan's own place, where both groups, the rest, and the differences from related "
           "indicators are 0 or at least 5. The offices in charge see the figures themselves."));
}

static void proof(const struct book *book, struct document *document)
{
    char plan[2 * HASH_BYTES + 1], inputs[2 * HASH_BYTES + 1];
    size_t proved = 0;
    for (size_t i = 0; i < book->source_count; i++)
        proved += book->sources[i].proved;
    hex_encode(book->plan_sha256.bytes, HASH_BYTES, plan);
    hex_encode(book->inputs_sha256.bytes, HASH_BYTES, inputs);
    document_heading(document, TR(book, "依据", "What it rests on"));
    document_paragraph(
        document,
        document_printf(
            document,
            TR(book,
               "本汇编依据%zu份审核通过的报告，其中%"
               "zu份的回执在编制时逐一核验（只信登记时固定的服务器密钥）。"
               "附件一（-figures.csv）逐个列出表中的数及其来源，附件二（-reports."
               "csv）列出每份报告的单位、版本、编号、"
               "叶子摘要、所在批次和批次树根。叶子摘要由内容摘要和签名摘要等合成，持有回执的人可以"
               "核对；内容摘要本身不"
               "公布，因为少数栏目的内容可由它猜出。",
               "This yearbook rests on %zu accepted reports; the receipts of %zu of them were "
               "verified "
               "when it was made, trusting only the server's keys pinned at enrolment. Annex 1 "
               "(-figures.csv) lists every figure with its sources, annex 2 (-reports.csv) every "
               "report "
               "with unit, revision, id, leaf hash, batch and the root of the batch's tree. A leaf "
               "hash "
               "is made from the hashes of content and signature, among others; whoever holds the "
               "receipt can check it. The content's own hash is not published: of a report with "
               "few "
               "cells it would let the content be guessed."),
            book->source_count, proved));
    document_note(
        document,
        document_printf(
            document, TR(book, "报告清单的摘要：%s", "Digest of the list of reports: %s"), inputs));
    document_note(document,
                  document_printf(document,
                                  TR(book, "规划文件的摘要：%s", "Digest of the plan's files: %s"),
                                  plan));
}

void chapter_methods(const struct book *book, struct document *document)
{
    document_chapter(document, TR(book, "七、编制方法", "7. Methods"));
    consolidation(book, document);
    forecasts(book, document);
    suppression(book, document);
    proof(book, document);
}
