/*
 * ctl_ask - a question to palabre-pushd on its ctl.sock: a word on a line, a
 * JSON object back.
 */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include <stdint.h>

/* What it answers, as a line without its end that the caller frees; or NULL and
 * errno, which is EAGAIN when it is silent for so long. */
char *ctl_ask(const char *path, const char *word, int64_t patience_ms);

#endif
