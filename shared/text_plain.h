/*
 * text_plain - what text*.c share: letters that Unicode does not take apart.
 */
#ifndef TEXT_PLAIN_H
#define TEXT_PLAIN_H

#include <stdint.h>

/* The plain letters that others write for one with a stroke, or for two that
 * are one sign; NULL: it is one of its own. */
const char *text_plain(int32_t point);

#endif
