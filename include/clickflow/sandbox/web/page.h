#pragma once

#include <string>
#include <string_view>

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

/// 303: the browser goes there with GET.
Reply see_other(std::string location);

}  // namespace clickflow::sandbox
