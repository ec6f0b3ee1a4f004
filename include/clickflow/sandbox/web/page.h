#pragma once

#include <string>
#include <string_view>

#include "clickflow/base/error.h"
#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/web/html.h"

namespace clickflow::sandbox {

enum class PageWidth { narrow, wide };

/// A page in the sandbox's look. It loads nothing, runs nothing, and can't be framed. Its forms may lead to
/// this server, and by a redirect to `form_target`, a source expression of CSP, where there is one.
Reply page_reply(int status, std::string_view title, const Html& body, PageWidth width = PageWidth::narrow,
                 std::string_view form_target = {});

/// Says what happened and what to do.
Reply message_page(int status, std::string_view title, std::string_view happened, std::string_view next);

/// The two that several pages need: something inside failed, and a form is not the session's own.
Reply failure_page(const Error& error);
Reply expired_form_page();

/// Parts of pages.
Html hidden_input(std::string_view name, std::string_view value);
/// What was wrong with a form; nothing where `mistake` is empty.
Html mistake_note(std::string_view mistake);

/// 303: the browser goes there with GET.
Reply see_other(std::string location);

}  // namespace clickflow::sandbox
