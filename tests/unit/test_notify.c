/* Notices: which addresses they may go to, what they say, how they are encoded, when tried again.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "base/arena.h"
#include "server/notify/address.h"
#include "server/notify/mime.h"
#include "server/notify/notify.h"
#include "server/notify/template.h"

Test(notify, one_plain_address_and_nothing_else)
{
    static const char *const good[] = {"a@b", "zhang.san+x@mail.gov.cn", "o'k@x-y.cn"};
    static const char *const bad[] = {
        "",        "a",           "@b",        "a@",          "a@b@c",     "a b@c",
        "a@b\r\n", "a@b,c@d",     "<a@b>",     "a..b@c",      ".a@b",      "a.@b",
        "a@b.",    "a@b..c",      "\"a\"@b",   "a@[1.2.3.4]", "张@gov.cn", "a@b;c",
        "a\t@b",   "a@b\nBcc: c", "a@b_c.com", "a@b c",       "a(x)@b",    "a@b>",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_expect(address_email_good(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(address_email_good(bad[i]), "%s", bad[i]);
}

Test(notify, webhooks_go_to_listed_hosts_only)
{
    static const char hosts[] = "hooks.gov.cn, other.cn:8443 http://127.0.0.1:80";
    static const char *const good[] = {
        "https://hooks.gov.cn/x", "https://HOOKS.gov.cn:443/x?y=1", "https://other.cn:8443",
        "http://127.0.0.1/x",     "HTTPS://hooks.gov.cn",
    };
    static const char *const bad[] = {
        "",
        "http://hooks.gov.cn/x",          /* not in the clear */
        "https://127.0.0.1/x",            /* only in the clear */
        "https://other.cn/x",             /* another port */
        "https://hooks.gov.cn.evil.cn/x", /* another host */
        "https://evil.cn/hooks.gov.cn",
        "https://hooks.gov.cn@evil.cn/",
        "https://evil.cn#@hooks.gov.cn/",
        "https://evil.cn\\@hooks.gov.cn/",
        "https://hooks.gov.cn/a b",
        "https://hooks.gov.cn/\r\nX: y",
        "ftp://hooks.gov.cn/",
        "file:///etc/passwd",
        "https://",
        "hooks.gov.cn",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_expect(address_webhook_allowed(good[i], hosts), "%s", good[i]);
        cr_expect_not(address_webhook_allowed(good[i], ""), "%s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(address_webhook_allowed(bad[i], hosts), "%s", bad[i]);
}

Test(notify, headers_are_short_words_of_whole_characters)
{
    struct arena *arena = arena_create(1024 * 1024);
    cr_expect_str_eq(mime_header(arena, "直报"), "=?UTF-8?B?55u05oql?=");
    cr_expect_str_empty(mime_header(arena, ""));
    /* 41 bytes of ASCII and then one of three: it may not be cut */
    const char *folded = mime_header(arena, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa县b");
    cr_expect_str_eq(folded, "=?UTF-8?B?YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=?="
                             "\r\n =?UTF-8?B?5Y6/Yg==?=");
    cr_expect_str_eq(mime_base64(arena, "abc"), "YWJj\r\n");
    cr_expect_str_eq(mime_date(arena, INT64_C(1770717600000000)),
                     "Tue, 10 Feb 2026 18:00:00 +0800");
    arena_destroy(&arena);
}

Test(notify, every_text_can_be_filled_in_and_has_both_languages)
{
    struct arena *arena = arena_create(1024 * 1024);
    const struct template_value values[] = {
        {"about", "甲村"},
        {"actor", "乙镇"},
        {"what",  "村表"},
        {"due",   "2月"  },
        {"until", "3月"  },
        {"days",  "3"     }
    };
    size_t count = 0;
    for (const struct notice_template *row = notice_templates; row->event != NULL; row++) {
        const char *const texts[] = {row->subject_zh, row->subject_en, row->body_zh, row->body_en};
        for (size_t i = 0; i < 4; i++) {
            char *text = template_fill(arena, texts[i], values, 6);
            cr_assert_not_null(text, "%s: %s", row->event, texts[i]);
            cr_expect_null(strpbrk(text, "{}\r\n"), "%s: %s", row->event, text);
        }
        cr_expect_eq(notice_template_of(row->event), row);
        cr_expect_eq(strncmp(row->command, "zhibao ", 7), 0);
        count++;
    }
    cr_expect_eq(count, 24);
    cr_expect_null(notice_template_of("accepted"));
    cr_expect_str_eq(template_fill(arena, "{about}：{none}x",
                                   (struct template_value[]){
                                       {"about", "甲"},
                                       {"none",  NULL }
    },
                                   2),
                     "甲：x");
    cr_expect_null(template_fill(arena, "{other}", values, 6));
    cr_expect_null(template_fill(arena, "{about", values, 6));
    arena_destroy(&arena);
}

Test(notify, pauses_double_up_to_an_hour)
{
    static const int expected_s[] = {60, 120, 240, 480, 960, 1920, 3600, 3600};
    for (int i = 0; i < 8; i++)
        cr_expect_eq(notify_pause_us(60, i + 1), expected_s[i] * INT64_C(1000000), "%d", i);
    cr_expect_eq(notify_pause_us(1, 1000000), INT64_C(3600000000));
    cr_expect_eq(notify_pause_us(86400, 3), INT64_C(86400000000));
}
