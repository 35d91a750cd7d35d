/* Result codes of every fallible function, and the stable error codes that peers see.
 *
 * `enum status` is the return type of fallible functions everywhere in the project; out-parameters
 * are untouched unless the result is STATUS_OK. Codes from 100 up travel on the wire (PROTOCOL.md
 * section 9) and in signed refusals: their numbers and names never change and are never reused.
 * Pure; any thread. */
#ifndef ZHIBAO_BASE_STATUS_H
#define ZHIBAO_BASE_STATUS_H

#include <stdbool.h>

#define MUST_CHECK __attribute__((warn_unused_result))

/* X(number, NAME, retry, "zh", "en"): `retry` says that the same request may succeed later. */
#define STATUS_TABLE(X)                                                                           \
    X(0, OK, false, "成功", "ok")                                                                 \
    X(1, NO_MEMORY, true, "内存不足", "out of memory")                                            \
    X(2, IO, true, "读写失败", "input or output failed")                                          \
    X(3, NOT_FOUND, false, "未找到", "not found")                                                 \
    X(4, INVALID, false, "内容不合要求", "invalid")                                               \
    X(5, LIMIT, false, "超出上限", "over the limit")                                              \
    X(6, TIMEOUT, true, "等待超时", "timed out")                                                  \
    X(7, UNREACHABLE, true, "连接不上", "not reachable")                                          \
    X(8, CONFLICT, false, "冲突", "conflict")                                                     \
    X(9, MISMATCH, false, "核对不符", "does not verify")                                          \
    X(10, DATABASE, true, "数据库出错", "database error")                                         \
    X(11, CANCELLED, true, "已取消", "cancelled")                                                 \
    X(12, FULL, true, "磁盘已满", "no space left on the disk")                                    \
    X(13, DENIED, false, "没有权限", "permission denied")                                         \
    X(14, READ_ONLY, false, "文件系统是只读的", "the file system is read-only")                   \
    X(100, E_VERSION, false, "协议版本不受支持", "protocol version not supported")                \
    X(101, E_MALFORMED, false, "报文无法解析", "message cannot be decoded")                       \
    X(102, E_TOO_LARGE, false, "报文过大", "message too large")                                   \
    X(103, E_FRAMES, false, "报文必须只有一个正文帧", "a message has exactly one body frame")     \
    X(104, E_KIND, false, "此处不接受这类报文", "this kind of message is not accepted here")      \
    X(105, E_BUSY, true, "服务器繁忙，请稍后再试", "server busy, try later")                      \
    X(106, E_UNAVAILABLE, true, "数据库暂时不可用，请稍后再试",                                   \
      "database not available for now, try later")                                                \
    X(107, E_INTERNAL, true, "服务器内部错误", "internal server error")                           \
    X(110, E_KEY_UNKNOWN, false, "密钥未登记", "key not registered")                              \
    X(111, E_KEY_PENDING, true, "密钥待管理员批准", "key awaits the administrator's approval")    \
    X(112, E_KEY_REVOKED, false, "密钥已吊销", "key revoked")                                     \
    X(113, E_FORBIDDEN, false, "无权办理", "not permitted")                                       \
    X(114, E_SIGNATURE, false, "签名无效", "signature invalid")                                   \
    X(115, E_ALGORITHM, false, "签名算法不受支持", "signature algorithm not supported")           \
    X(120, E_ENROL_CODE, false, "登记码无效、已使用或已过期",                                     \
      "enrolment code invalid, used or expired")                                                  \
    X(121, E_ENROL_RATE, true, "登记尝试过于频繁，请稍后再试",                                    \
      "too many enrolment attempts, try later")                                                   \
    X(130, E_UNIT_UNKNOWN, false, "填报单位不存在", "no such unit")                               \
    X(131, E_PLACE_FOREIGN, false, "不能为其他行政区划填报", "reporting for another place")       \
    X(132, E_PLAN_UNKNOWN, false, "规划不存在", "no such plan")                                   \
    X(133, E_FORM_UNKNOWN, false, "报表不存在", "no such form")                                   \
    X(134, E_FORM_NOT_OWED, false, "本单位不填报此报表", "this unit does not report this form")   \
    X(135, E_FORM_VERSION, false, "报表版本已变，请重新获取报表", "form version is not current")  \
    X(136, E_PERIOD, false, "报告期不在规划期内", "period outside the plan")                      \
    X(137, E_PERIOD_FUTURE, false, "报告期尚未开始", "period has not begun")                      \
    X(138, E_PERIOD_LOCKED, false, "该报告期已锁定", "period is locked")                          \
    X(139, E_REVISION, false, "版本号不连续", "revision out of order")                            \
    X(140, E_ID, false, "编号必须为16字节", "an id has 16 bytes")                                 \
    X(141, E_ID_CONFLICT, false, "同一编号已用于不同内容", "same id, other content")              \
    X(150, E_CELL_UNKNOWN, false, "报表中没有此指标项", "the form has no such cell")              \
    X(151, E_CELL_ORDER, false, "指标项未按升序排列或重复", "cells not ascending or repeated")    \
    X(152, E_COLUMNS, false, "各列长度不一致", "columns differ in length")                        \
    X(153, E_REQUIRED, false, "必填项缺失", "required figure missing")                            \
    X(154, E_NOT_FINITE, false, "不是有限的数值", "not a finite number")                          \
    X(155, E_NEGATIVE, false, "不能为负数", "negative number")                                    \
    X(156, E_RANGE, false, "超出取值范围", "outside its range")                                   \
    X(157, E_DECIMALS, false, "小数位数过多", "too many decimals")                                \
    X(158, E_NUMERATOR_ABOVE_DENOMINATOR, false, "分子大于分母", "numerator above denominator")   \
    X(159, E_CHECK, false, "不符合审核关系", "fails a check")                                     \
    X(160, E_PRESENCE, false, "无值原因不明确", "presence not stated")                            \
    X(161, E_TEXT, false, "文字不是有效的UTF-8或过长", "text is not UTF-8 or too long")           \
    X(162, E_YESNO, false, "只能填是(1)或否(0)", "a yes/no cell takes 1 or 0")                    \
    X(163, E_NOT_NUMBER, false, "不是数值", "not a number")                                       \
    X(164, E_ENCODING, false, "文件编码无法识别", "file encoding not recognised")                 \
    X(165, E_EMPTY, false, "文件没有内容", "file is empty")                                       \
    X(166, E_HEADER, false, "表头不符", "header row does not match")                              \
    X(167, E_SHEET, false, "表格文件读不出", "the workbook cannot be read")                       \
    X(168, E_SHEET_CELL, false, "单元格读不出", "the cell cannot be read")                        \
    X(169, E_SHEET_OTHER, false, "表格不是这个单位、这一年或这张报表的",                          \
      "the sheet is of another unit, year or form")                                               \
    X(170, E_SUBJECT_UNKNOWN, false, "所审核的报送不存在", "no such record to review")            \
    X(171, E_SUBJECT_STATE, false, "当前状态不允许此操作", "not allowed in its present state")    \
    X(172, E_SUBJECT_REVISION, false, "该版本已被新版本取代", "a newer revision exists")          \
    X(173, E_REASON, false, "必须填写理由", "a reason is required")                               \
    X(174, E_NOT_CHECKED, true, "签名尚在核验，请稍后再试", "signature not checked yet")          \
    X(175, E_STALE, false, "汇总所依据的报送已变化，请重新获取",                                  \
      "the total is stale, fetch it again")                                                       \
    X(176, E_TOTAL, false, "汇总数与各单位报送不符", "the total does not equal its reports")      \
    X(180, E_PLAN_INVALID, false, "规划文件有误", "plan files invalid")                           \
    X(190, E_NOT_OPEN, false, "尚未到开始填报的时间", "reporting has not opened yet")             \
    X(191, E_CALENDAR_ORDER, false, "截止时间不晚于开始时间",                                     \
      "the cut-off is not after its opening")                                                     \
    X(192, E_CALENDAR_DAYS, false, "提醒或上报的天数有误", "reminder or escalation days wrong")   \
    X(193, E_CALENDAR_ENTRY, false, "没有可设定的条目，或条目重复",                               \
      "no entry to set, or one given twice")                                                      \
    X(194, E_UNIT_OUTSIDE, false, "单位不在本地范围内或不填报此表",                               \
      "the unit is outside the subtree or does not report this form")                             \
    X(195, E_NOT_LATER, false, "延期须晚于现行截止时间",                                          \
      "an exception has to be later than the cut-off")                                            \
    X(196, E_CONTACT, false, "联系方式不正确", "the address is not acceptable")                   \
    X(200, E_EXPLAIN_RELATION, false, "与另一项的关系须说明", "a relation needs an explanation")  \
    X(201, E_EXPLAIN_CHANGE, false, "比上年变化过大，须说明",                                     \
      "the change since last year needs an explanation")                                          \
    X(202, E_EXPLAIN_OUTLIER, false, "明显偏离历年，须说明",                                      \
      "far from the years before: needs an explanation")                                          \
    X(203, E_EXPLAIN_VILLAGES, false, "与各村合计不一致，须说明",                                 \
      "differs from the sum of the villages: needs an explanation")                               \
    X(204, E_EXPLANATION_BOILERPLATE, false, "说明是套话，没有写明原因",                          \
      "the explanation is boilerplate and gives no reason")                                       \
    X(205, E_EXPLANATION_SHORT, false, "说明不足8个字",                                           \
      "the explanation has fewer than 8 characters")                                              \
    X(206, E_EXPLANATION_REPEATED, false, "说明与另一项或上年的相同",                             \
      "the explanation repeats that of another cell or of last year")                             \
    X(210, E_SIGN_OFF, false, "须先由本单位审核人、负责人依次签字",                               \
      "the unit's reviewer and principal have to sign first, in this order")                      \
    X(220, E_DOCUMENT_HASH, false, "文件内容与摘要不符", "the content does not match its hash")   \
    X(221, E_DOCUMENT_TYPE, false, "文件类型不受支持，或与所称不符",                              \
      "the file's type is not supported, or not what it is said to be")                           \
    X(222, E_DOCUMENT_SIZE, false, "文件大小不符，或超过50 MB",                                   \
      "the file's size is not what it is said to be, or over 50 MB")                              \
    X(223, E_DOCUMENT_CHUNKS, true, "文件尚未传完", "the content is not all there yet")           \
    X(224, E_DOCUMENT_QUOTA, false, "本单位的文件配额已满", "the unit's quota is used up")        \
    X(225, E_DOCUMENT_ROOM, true, "未传完的文件过多，请稍后再试",                                 \
      "too many unfinished uploads, try later")                                                   \
    X(226, E_DUTY_UNKNOWN, false, "规划中没有这项报送任务", "the plan has no such duty")          \
    X(227, E_DUTY_NOT_OWED, false, "本单位没有这项报送任务", "this unit does not owe this duty")  \
    X(228, E_DUTY_NOT_DOCUMENT, false, "这项任务不报送文件", "this duty takes no document")       \
    X(230, E_TASK_UNKNOWN, false, "没有这项督办任务", "no such task")                             \
    X(231, E_TASK_STATE, false, "督办任务的当前状态不允许此操作",                                 \
      "not allowed in the task's present state")                                                  \
    X(232, E_TASK_DUE, false, "期限须在现在之后、十年以内",                                       \
      "the time limit must lie ahead, within ten years")                                          \
    X(240, E_CHANGE_FOREIGN, false, "所变更的行政区划不在本辖区",                                 \
      "the place to be changed is not below yours")                                               \
    X(241, E_CHANGE_SUCCESSOR, false, "承接的行政区划不存在或不能承接",                           \
      "a successor does not exist or cannot succeed")                                             \
    X(242, E_CHANGE_CYCLE, false, "区划变更成环", "places would succeed each other in a circle")  \
    X(243, E_CHANGE_DATE, false, "变更日期不对：早于已有的变更", "dated before a change made")    \
    X(244, E_CHANGE_TWICE, false, "同一行政区划出现两次", "a place is named twice")               \
    X(245, E_STICK_DAMAGED, false, "存储盘文件已损坏，或不是本系统的文件",                        \
      "the stick's file is damaged, or none of ours")                                             \
    X(246, E_STICK_TRUNCATED, false, "存储盘文件不完整", "the stick's file is cut short")         \
    X(247, E_STICK_ADDRESS, false, "存储盘文件不是给本单位的",                                    \
      "the stick's file is for somebody else")                                                    \
    X(248, E_STICK_FOREIGN, false, "存储盘文件中有他人的材料",                                    \
      "the stick's file holds something of somebody else")                                        \
    X(249, E_STICK_KEY, false, "密钥证明核验不通过", "the proof of a key does not verify")        \
    X(260, E_CASE_UNKNOWN, false, "没有这件个案，或不由本单位办理",                               \
      "there is no such case, or your unit does not handle it")                                   \
    X(261, E_CASE_STATE, false, "个案的当前状态不允许此操作",                                     \
      "not allowed in the case's present state")                                                  \
    X(262, E_CASE_RECIPIENT, false, "个案的接收人中没有能办理的",                                 \
      "none of the recipients can handle the case")                                               \
    X(263, E_CASE_SEALED, false, "密封的内容不合格式",                                            \
      "what is sealed is not of the form it has to be")                                           \
    X(264, E_CASE_DIRECTORY, false, "个案名录不合要求，或不比现有的新",                           \
      "the directory of cases is not valid, or no newer than the present one")                    \
    X(265, E_CASE_PURPOSE, false, "须先登记查阅的目的",                                           \
      "the purpose of the reading has to be recorded first")                                      \
    X(280, E_COMMENT_UNKNOWN, false, "没有这条意见", "no such comment")                           \
    X(281, E_COMMENT_STATE, false, "意见的当前状态不允许此操作",                                  \
      "not allowed in the comment's present state")                                               \
    X(282, E_COMMENT_FIGURE, false, "规划中没有这个数，或它不由该单位报送",                       \
      "the plan has no such figure, or it is not that unit's to report")                          \
    X(300, E_CASE_PIECES, false, "个案的附件过多", "the case has too many attachments")           \
    X(301, E_CASE_FLOOD, true, "报告个案过于频繁，请稍后再试；急事请拨打值班电话",                \
      "too many reports of cases, try later; call the duty phone when it is urgent")              \
    X(302, E_REGISTER_DUPLICATE, false, "台账中已有这个孩子的档案",                               \
      "the register has this child's file already")                                               \
    X(303, E_REGISTER_KEY, false, "台账查重密钥不是本区县现用的",                                 \
      "not the district's present key of the register")                                           \
    X(330, E_KEY_PROOF, false, "新密钥自身的签名不对", "the new key's own signature is not good") \
    X(331, E_KEY_TAKEN, false, "新密钥已登记过", "the new key is registered already")             \
    X(332, E_KEY_ENDING, false, "这个密钥已被换下，不能再更换密钥",                               \
      "this key has been replaced and may change no key")                                         \
    X(333, E_PASSPHRASE, false, "口令不对，或密钥文件被改动过",                                   \
      "wrong passphrase, or the key file was altered")                                            \
    X(334, E_KEY_FILE, false, "加密的密钥文件不完整", "the encrypted key file is cut short")      \
    X(335, E_PASSPHRASE_NEEDED, false, "密钥文件已加密，须给出口令（8字节以上）",                 \
      "the key files are encrypted: a passphrase (8 bytes or more) is needed")

enum status {
#define X(number, name, retry, zh, en) STATUS_##name = (number),
    STATUS_TABLE(X)
#undef X
};

/* The name without its STATUS_ prefix ("E_VERSION"); "UNKNOWN" for a number not in the table.
 */
const char *status_name(enum status status);

/* One short sentence for a person; never NULL. */
const char *status_zh(enum status status);
const char *status_en(enum status status);

/* Whether the same request may succeed later without being changed. */
bool status_retry(enum status status);

#endif
