/*
 * routes - THE table of what browsers and REST clients may ask, and the
 * handlers in it.
 */
#ifndef ROUTES_H
#define ROUTES_H

#include "router.h"

/* Ends with a method of NULL. */
extern const struct route routes_table[];

#define ROUTE_HANDLER(name)                                                    \
	void name(struct app *app, const struct request *request,              \
		  struct response *response)

/* auth_routes.c */
ROUTE_HANDLER(route_auth_register);
ROUTE_HANDLER(route_auth_login);
ROUTE_HANDLER(route_auth_password);
/* guest_routes.c */
ROUTE_HANDLER(route_auth_guest);
/* session_routes.c */
ROUTE_HANDLER(route_session_refresh);
ROUTE_HANDLER(route_session_logout);
ROUTE_HANDLER(route_session_list);
ROUTE_HANDLER(route_session_end);
ROUTE_HANDLER(route_session_end_all);
/* user_routes.c */
ROUTE_HANDLER(route_user_list);
ROUTE_HANDLER(route_user_search);
ROUTE_HANDLER(route_user_me);
ROUTE_HANDLER(route_user_get);
/* profile_routes.c */
ROUTE_HANDLER(route_profile_change);
/* message_routes.c */
ROUTE_HANDLER(route_message_send);
ROUTE_HANDLER(route_message_edit);
ROUTE_HANDLER(route_message_delete);
ROUTE_HANDLER(route_message_react);
ROUTE_HANDLER(route_message_received);
ROUTE_HANDLER(route_message_read);
ROUTE_HANDLER(route_message_read_one);
/* search_routes.c */
ROUTE_HANDLER(route_message_search);
/* report_routes.c */
ROUTE_HANDLER(route_message_report);
ROUTE_HANDLER(route_operator_reports);
/* erase_routes.c */
ROUTE_HANDLER(route_erase_me);
ROUTE_HANDLER(route_export_me);
/* block_routes.c */
ROUTE_HANDLER(route_block);
ROUTE_HANDLER(route_unblock);
ROUTE_HANDLER(route_block_list);
/* conversation_routes.c */
ROUTE_HANDLER(route_conversation_list);
ROUTE_HANDLER(route_conversation_list_old);
ROUTE_HANDLER(route_conversation_own);
/* history_routes.c */
ROUTE_HANDLER(route_conversation_history);
ROUTE_HANDLER(route_conversation_files);
ROUTE_HANDLER(route_conversation_page);
/* file_routes.c */
ROUTE_HANDLER(route_file_upload);
ROUTE_HANDLER(route_file_get);
/* member_routes.c */
ROUTE_HANDLER(route_group_members);

/* group_routes.c */
ROUTE_HANDLER(route_group_make);
ROUTE_HANDLER(route_conversation_get);
ROUTE_HANDLER(route_group_change);
ROUTE_HANDLER(route_group_add);
ROUTE_HANDLER(route_group_remove);
ROUTE_HANDLER(route_group_link_make);
ROUTE_HANDLER(route_group_link_end);
ROUTE_HANDLER(route_group_join);
/* sync_routes.c */
ROUTE_HANDLER(route_sync);
/* health_routes.c */
ROUTE_HANDLER(route_health);
/* address_routes.c */
ROUTE_HANDLER(route_address_block);
ROUTE_HANDLER(route_address_unblock);
ROUTE_HANDLER(route_address_list);
/* operator_routes.c */
ROUTE_HANDLER(route_operator_clients);
ROUTE_HANDLER(route_operator_messages);
ROUTE_HANDLER(route_operator_answer);
/* supervision_routes.c */
ROUTE_HANDLER(route_operator_kick);
ROUTE_HANDLER(route_operator_mute);
ROUTE_HANDLER(route_operator_unlock);
ROUTE_HANDLER(route_operator_broadcast);
ROUTE_HANDLER(route_operator_server);
ROUTE_HANDLER(route_operator_server_change);
ROUTE_HANDLER(route_operator_audit);
/* figures_routes.c */
ROUTE_HANDLER(route_operator_figures);
/* metrics_routes.c */
ROUTE_HANDLER(route_metrics);
/* openapi_routes.c */
ROUTE_HANDLER(route_openapi);

#endif
