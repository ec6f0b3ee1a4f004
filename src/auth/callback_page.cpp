#include "clickflow/auth/callback_page.h"

#include <array>
#include <string>

namespace clickflow::auth {
namespace {

struct Content {
  std::string_view tone;  // a class of the style sheet
  std::string_view icon;  // the inside of an SVG of 24 by 24
  std::string_view title;
  std::string_view happened;
  std::string_view next;
};

constexpr std::string_view tick = R"(<path d="m6.5 12.5 3.7 3.7 7.3-8.1"/>)";
constexpr std::string_view bar = R"(<path d="M7 12h10"/>)";
constexpr std::string_view cross = R"(<path d="m8 8 8 8m0-8-8 8"/>)";
constexpr std::string_view arrow = R"(<path d="M12 6.5v10.2m-4.4-4.2 4.4 4.4 4.4-4.4"/>)";
constexpr std::string_view question =
    R"(<path d="M9.2 9.4a2.9 2.9 0 1 1 4.3 2.6c-1 .6-1.5 1.1-1.5 2.2M12 17.2v.1"/>)";

// In the order of CallbackPage.
constexpr std::array<Content, 5> contents{{
    {"good", tick, "You’re signed in", "Your assistant can now use ClickFlow on your behalf.",
     "Close this tab and go back to your assistant."},
    {"plain", arrow, "Your answer has arrived", "The sign-in is being finished on this computer.",
     "Close this tab and go back to your assistant, which shows how it went."},
    {"plain", bar, "Sign-in declined", "No access was given, and nothing was stored on this computer.",
     "Close this tab. If you change your mind, start again from your assistant."},
    {"bad", cross, "The sign-in didn’t work",
     "ClickFlow’s answer could not be used, so you are not signed in.",
     "Close this tab and try again from your assistant, which says what went wrong."},
    {"plain", question, "There is nothing here",
     "This address only takes the answer to a sign-in, and this was none.",
     "Close this tab. A sign-in that you have started elsewhere goes on."},
}};

// Colours are chosen for a contrast of at least 4.5 : 1 (WCAG 2.2, 1.4.3) in both schemes.
constexpr std::string_view style = R"css(
:root{color-scheme:light dark;--page:#f4f5f8;--glow:#e3e6fb;--card:#fff;--line:#e2e4ec;--text:#171a26;--soft:#565b6e;
--well:#f4f5f9;--mark:#4a4fd0;--good:#0f7a4f;--good-soft:#dcf4e8;--bad:#b3261e;--bad-soft:#fbe4e2;--plain:#4a4fd0;
--plain-soft:#e6e8fc;--shade:0 1px 2px #1a1f3810,0 18px 48px -18px #1a1f3833}
@media (prefers-color-scheme:dark){:root{--page:#0e1017;--glow:#1d2142;--card:#171a24;--line:#2a2e3d;--text:#eceef6;
--soft:#a4a9bc;--well:#1f2330;--mark:#a3a8ff;--good:#6fdcaa;--good-soft:#14362a;--bad:#ff9c94;--bad-soft:#431f1e;
--plain:#a3a8ff;--plain-soft:#262a52;--shade:0 1px 2px #0006,0 24px 60px -20px #000c}}
*{box-sizing:border-box;margin:0}
html{height:100%}
body{min-height:100%;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:1.5rem;
padding:max(1.5rem,6vh) 1.25rem;color:var(--text);
background:radial-gradient(60rem 30rem at 50% -8rem,var(--glow),transparent) no-repeat var(--page);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;
-webkit-text-size-adjust:100%}
main{width:100%;max-width:29rem;padding:2.5rem 2.25rem 2.25rem;text-align:center;background:var(--card);
border:1px solid var(--line);border-radius:1.25rem;box-shadow:var(--shade)}
.brand{display:flex;align-items:center;justify-content:center;gap:.55rem;font-weight:650;letter-spacing:-.01em}
.brand svg{width:1.6rem;height:1.6rem;padding:.1rem;border-radius:.45rem;color:var(--card);background:var(--mark)}
.sign{width:4.25rem;height:4.25rem;margin:2rem auto 1.4rem;padding:.72rem;border-radius:50%}
svg{display:block;fill:none;stroke:currentColor;stroke-width:2.1;stroke-linecap:round;stroke-linejoin:round}
.good{color:var(--good);background:var(--good-soft)}
.bad{color:var(--bad);background:var(--bad-soft)}
.plain{color:var(--plain);background:var(--plain-soft)}
h1{font-size:1.65rem;line-height:1.2;font-weight:680;letter-spacing:-.022em;text-wrap:balance}
.happened{margin-top:.65rem;color:var(--soft);text-wrap:balance}
.next{margin-top:1.75rem;padding:.9rem 1.1rem;border-radius:.8rem;background:var(--well);font-weight:500;
text-wrap:balance}
footer{max-width:29rem;text-align:center;font-size:.8125rem;color:var(--soft);text-wrap:balance}
@media (max-width:26rem){main{padding:2rem 1.35rem 1.5rem;border-radius:1rem}.sign{margin-top:1.6rem}h1{font-size:1.45rem}}
@media (max-height:30rem){body{justify-content:flex-start}.sign{width:3.25rem;height:3.25rem;padding:.55rem;margin:1.1rem auto .9rem}}
@media (forced-colors:active){.sign{border:2px solid}}
)css";

std::string page(const Content& content) {
  std::string text = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  text += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  text += "<meta name=\"robots\" content=\"noindex\">\n<title>";
  text.append(content.title).append(" · ClickFlow</title>\n<style>").append(style);
  text += "</style>\n</head>\n<body>\n<main>\n<p class=\"brand\">";
  text += R"(<svg viewBox="0 0 24 24" aria-hidden="true"><path d="m6.5 7 5 5-5 5m6-10 5 5-5 5"/></svg>)";
  text += "ClickFlow</p>\n<svg class=\"sign ";
  text.append(content.tone).append("\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">").append(content.icon);
  text.append("</svg>\n<h1>").append(content.title).append("</h1>\n<p class=\"happened\">");
  text.append(content.happened).append("</p>\n<p class=\"next\">").append(content.next);
  text +=
      "</p>\n</main>\n<footer>This page comes from clickflow-mcp on your own computer. It loads nothing from "
      "the ";
  text += "internet.</footer>\n</body>\n</html>\n";
  return text;
}

}  // namespace

std::string_view html(CallbackPage wanted) {
  static const std::array<std::string, contents.size()> pages = [] {
    std::array<std::string, contents.size()> result;
    for (size_t i = 0; i < contents.size(); ++i) result[i] = page(contents[i]);
    return result;
  }();
  return pages[static_cast<size_t>(wanted)];
}

const std::vector<std::pair<std::string_view, std::string_view>>& callback_page_headers() {
  static const std::vector<std::pair<std::string_view, std::string_view>> headers{
      {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"},
      {"Cache-Control", "no-store"},
      {"Referrer-Policy", "no-referrer"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
  };
  return headers;
}

}  // namespace clickflow::auth
