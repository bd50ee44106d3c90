/*
 * page_constants - the limits and the words of refusals that the pages have to
 * agree on, as a module of JavaScript: `palabre-api page-constants`, which
 * tools/build --html writes into html/src/lib/generated.js.
 */
#ifndef PAGE_CONSTANTS_H
#define PAGE_CONSTANTS_H

struct palabre_options;

/* words: what follows the command. Answers the exit status. */
int page_constants_main(const struct palabre_options *options, char **words);

#endif
