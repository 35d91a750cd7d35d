#include "server/query/explained.h"

#include "server/query/reply.h"

Zhibao__Explained *explained_make(const struct query *query, const struct plan *plan,
                                  const struct explained_row *row)
{
    Zhibao__Explained *explained =
        (Zhibao__Explained *)reply_new(query->arena, &zhibao__explained__descriptor);
    const struct form *form = plan == NULL ? NULL : plan_form(plan, row->form);
    const struct cell *cell = form == NULL ? NULL : form_cell(form, row->cell);
    if (explained == NULL)
        return NULL;
    explained->unit = row->unit;
    explained->unit_name = query_unit_name(query, row->unit);
    explained->form = row->form;
    explained->cell = row->cell;
    if (cell != NULL) {
        const struct element *element = &plan->elements[cell->element];
        explained->element = reply_text(element->code);
        explained->stratum = reply_text(cell->stratum);
        explained->name_zh = reply_text(element->name_zh);
        explained->name_en = reply_text(element->name_en);
    }
    explained->presence = (Zhibao__Presence)row->presence;
    explained->value = row->value;
    explained->text = row->text;
    explained->revision = (uint32_t)row->revision;
    return explained->unit_name == NULL ? NULL : explained;
}
