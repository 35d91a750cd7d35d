#include "server/notify/apply_contact.h"

#include <string.h>

#include "server/notify/address.h"
#include "server/store/ingest_store.h"
#include "server/store/notify_store.h"

void validate_contact(struct task *task, struct registry *registry)
{
    const Zhibao__Contact *contact = (const Zhibao__Contact *)task->message;
    struct registry_unit unit;
    bool own = contact->unit == task->author.id;
    if (!own && (task->author.role != ROLE_ADMIN ||
                 !place_contains(unit_place(task->author.id), unit_place(contact->unit))))
        task_problem(task, STATUS_E_FORBIDDEN, "unit", "只有本单位或其上的管理员可以设定联系方式",
                     "only the unit itself or an administrator above it sets its addresses");
    else if (!registry_unit(registry, contact->unit, &unit))
        task_problem(task, STATUS_E_UNIT_UNKNOWN, "unit", NULL, NULL);
    if (contact->email[0] != '\0' && !address_email_good(contact->email))
        task_problem(task, STATUS_E_CONTACT, "email", "电子邮箱不正确：须为一个形如 名@域名 的地址",
                     "the e-mail address is wrong: expected one address such as name@domain");
    if (strlen(contact->webhook) > WEBHOOK_BYTES_MAX)
        task_problem(task, STATUS_E_CONTACT, "webhook", "网址过长", "the URL is too long");
    if (strcmp(contact->language, "zh") != 0 && strcmp(contact->language, "en") != 0)
        task_problem(task, STATUS_E_CONTACT, "language", "语言须为zh或en",
                     "the language has to be zh or en");
}

enum status apply_contact(struct apply *apply, struct task *task)
{
    const Zhibao__Contact *contact = (const Zhibao__Contact *)task->message;
    if (contact->webhook[0] != '\0' &&
        !address_webhook_allowed(contact->webhook, apply->options->webhook_hosts)) {
        task_problem(task, STATUS_E_CONTACT, "webhook",
                     "服务器不向这个网址发通知：允许的主机由服务器管理员设定（webhook_hosts）",
                     "the aggregator does not call this URL: who runs it lists the hosts it may "
                     "call (webhook_hosts)");
        return STATUS_E_CONTACT;
    }
    enum status status = store_insert_registry_event(apply->db, apply->arena, apply->chain,
                                                     apply->batch, task, contact->unit);
    return status == STATUS_OK ? store_contact(apply, task, contact) : status;
}
