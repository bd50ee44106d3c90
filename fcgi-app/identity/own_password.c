#include "own_password.h"

#include <stddef.h>

#include "login_guard.h"
#include "response.h"
#include "user_rules.h"

void own_password_refuse(struct response *response)
{
	response_refuse_as(response, REFUSAL_WRONG_PASSWORD, "password", NULL);
}

bool own_password(struct app *app, const struct request *request,
		  const char *password, struct response *response)
{
	/* What cannot be one is not hashed. */
	if (user_rule_password(password) != NULL) {
		own_password_refuse(response);
		return false;
	}
	switch (login_guard_check_own(app, request, password, response)) {
	case LOGIN_RIGHT:
		return true;
	case LOGIN_WRONG:
		own_password_refuse(response);
		break;
	case LOGIN_ANSWERED:
		break;
	}
	return false;
}
