/*
 * rt_route - POST /rt: a batch of pushd's commands in one transaction. It is
 * committed before anything of it is answered.
 */
#ifndef RT_ROUTE_H
#define RT_ROUTE_H

#include "router.h"

/* All that the rt pool answers. Ends with a method of NULL. */
extern const struct route rt_route_table[];

#endif
