#include "store_operators.h"

const char *store_act_name(enum store_act act)
{
	static const char *const names[] = {
		[ACT_CLIENTS] = "clients",     [ACT_MESSAGES] = "messages",
		[ACT_AUDIT] = "audit",	       [ACT_KICK] = "kick",
		[ACT_MUTE] = "mute",	       [ACT_UNLOCK] = "unlock",
		[ACT_BLOCK] = "block",	       [ACT_UNBLOCK] = "unblock",
		[ACT_BROADCAST] = "broadcast", [ACT_SERVER] = "server",
		[ACT_TOKEN] = "token",	       [ACT_REPORT] = "report",
		[ACT_REPORTS] = "reports",
	};

	return names[act];
}
