#include "clickflow/sandbox/web/page.h"

#include "style.h"

namespace clickflow::sandbox {
namespace {

constexpr const char* brand =
    R"(<header class="brand"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="m6.5 7 5 5-5 5m6-10 5 5-5 5"/></svg>)"
    R"(<span>ClickFlow</span><span class="tag">Sandbox</span></header>)";

// Without one browsers ask for /favicon.ico.
constexpr const char* icon =
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Crect width='24' "
    "height='24' "
    "rx='6' fill='%234a4fd0'/%3E%3Cpath d='m6.5 7 5 5-5 5m6-10 5 5-5 5' fill='none' stroke='%23fff' "
    "stroke-width='2.1' "
    "stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

}  // namespace

Reply page_reply(int status, std::string_view title, const Html& body, PageWidth width,
                 std::string_view form_target) {
  Reply reply;
  reply.status = status;
  reply.content_type = "text/html; charset=utf-8";
  const bool wide = width == PageWidth::wide;
  reply.body = fmt::format(
      R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{} · ClickFlow sandbox</title>
<link rel="icon" href="{}">
<style>{}</style>
</head>
<body class="{}">
{}
<footer>This is a ClickFlow on your own machine, for trying and testing. Nothing here reaches the real one.</footer>
</body>
</html>
)",
      escape_html(title), icon, style_sheet, wide ? "wide" : "narrow",
      wide ? fmt::format("{}\n<main>\n{}\n</main>", brand, body.text())
           : fmt::format("<main>\n{}\n{}\n</main>", brand, body.text()));
  reply.headers = {
      {"Content-Security-Policy", fmt::format("default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                                              "form-action 'self'{}{}; frame-ancestors "
                                              "'none'; base-uri 'none'",
                                              form_target.empty() ? "" : " ", form_target)},
      {"X-Frame-Options", "DENY"},
      {"X-Content-Type-Options", "nosniff"},
      // Not no-referrer: with it browsers send "Origin: null" with a form, which is refused.
      {"Referrer-Policy", "same-origin"},
      {"Cache-Control", "no-store"}};
  return reply;
}

Reply message_page(int status, std::string_view title, std::string_view happened, std::string_view next) {
  return page_reply(
      status, title,
      html(R"(<h1>{}</h1><p class="lead">{}</p><p class="note">{}</p>)", title, happened, next));
}

Reply failure_page(const Error& error) {
  return message_page(500, "Something went wrong", error.what, error.remedy);
}

Reply expired_form_page() {
  return message_page(403, "That form has expired",
                      "It was made for another visit, or did not come from a page of this sandbox.",
                      "Go back, load the page again, and repeat what you did.");
}

Html hidden_input(std::string_view name, std::string_view value) {
  return html(R"(<input type="hidden" name="{}" value="{}">)", name, value);
}

Html mistake_note(std::string_view mistake) {
  return mistake.empty() ? Html() : html(R"(<p class="note bad" role="alert">{}</p>)", mistake);
}

Reply see_other(std::string location) {
  Reply reply;
  reply.status = 303;
  reply.content_type = "text/plain";
  reply.headers = {
      {"Location", std::move(location)}, {"Cache-Control", "no-store"}, {"Referrer-Policy", "no-referrer"}};
  return reply;
}

}  // namespace clickflow::sandbox
