/* `zhibao-web import`: an account from a home that the command line enrolled. */
#ifndef ZHIBAO_WEB_IMPORT_H
#define ZHIBAO_WEB_IMPORT_H

#include "web/accounts.h"
#include "web/options.h"

/* The exit code; says on stderr what went wrong. */
int import_home(const struct options *options, struct accounts *accounts);

#endif
