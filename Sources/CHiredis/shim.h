// What of hiredis is used: its reader of replies and its writer of commands, neither of which touches a socket. Both
// exist in every release since 0.14 (Debian 12) and take no variadic arguments, so no wrapper is needed.
#pragma once
#include <hiredis/hiredis.h>
#include <hiredis/read.h>
