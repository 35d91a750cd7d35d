#include "cli/families.h"

#include <stdio.h>
#include <string.h>

/* One a line, so that additions do not meet. */
/* clang-format off */
const struct command *const command_families[] = {
    commands_identity,
    commands_key,
    commands_form,
    commands_submit,
    commands_history,
    commands_outbox,
    commands_stick,
    commands_track,
    commands_show,
    commands_review,
    commands_chain,
    commands_total,
    commands_lock,
    commands_pull,
    commands_export,
    commands_warnings,
    commands_evaluate,
    commands_yearbook,
    commands_duties,
    commands_document,
    commands_affected,
    commands_quality,
    commands_reconcile,
    commands_task,
    commands_comment,
    commands_case_report,
    commands_case_state,
    commands_case,
    commands_case_save,
    commands_case_step,
    commands_case_figures,
    commands_case_setup,
    commands_case_keep,
    commands_register,
    commands_verify,
    commands_witness,
    commands_evidence,
    commands_plan,
    commands_place,
    commands_assess,
    commands_admin,
    commands_contact,
    commands_calendar,
    commands_roll,
    commands_completeness, commands_help,
};
/* clang-format on */
const size_t command_family_count = sizeof command_families / sizeof(struct command *);

static enum exit_code run_help(struct context *context)
{
    char name[128] = "";
    if (context->argument_count == 0) {
        help_print(context);
        return EXIT_DONE;
    }
    snprintf(name, sizeof name, "%.60s%s%.60s", context->arguments[0],
             context->argument_count > 1 ? " " : "",
             context->argument_count > 1 ? context->arguments[1] : "");
    for (size_t family = 0; family < command_family_count; family++)
        for (const struct command *command = command_families[family]; command->name != NULL;
             command++)
            if (strcmp(command->name, name) == 0) {
                help_command(context, command);
                return EXIT_DONE;
            }
    if (context->argument_count == 1 && family_exists(name)) {
        help_family(context, name);
        return EXIT_DONE;
    }
    return misused(context, "没有命令“%s”", "no such command: %s", name);
}

static enum exit_code run_version(struct context *context)
{
    (void)context;
    puts("zhibao " ZHIBAO_VERSION);
    return EXIT_DONE;
}

const struct command commands_help[] = {
    {"help",    "[COMMAND]", "列出命令，或显示一条命令的说明", "list the commands, or explain one",
     NULL,                                                                                                               0, 2, false, run_help   },
    {"version", "",          "显示版本",                                  "show the version",                  NULL, 0, 0, false, run_version},
    {NULL,      NULL,        NULL,                                            NULL,                                NULL, 0, 0, false, NULL       },
};
