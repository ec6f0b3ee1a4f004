#include "clickflow/auth/callback_page.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <set>

using namespace clickflow::auth;

namespace {
constexpr CallbackPage all[] = {CallbackPage::signed_in, CallbackPage::received, CallbackPage::declined,
                                CallbackPage::failed, CallbackPage::wrong_hit};
}

TEST_CASE("No page loads, runs or links to anything") {
  for (const CallbackPage page : all) {
    const std::string_view text = html(page);
    CAPTURE(text);
    for (const char* way_out : {"<script", "<link", "<img", "<iframe", "<form", "<a ", "src=", "href=",
                                "url(", "@import", "http:", "https:", "//", "onload", "javascript"}) {
      CAPTURE(way_out);
      CHECK(text.find(way_out) == std::string_view::npos);
    }
  }
}

TEST_CASE("Every page says in words of its own what happened and what to do, in light and in dark") {
  std::set<std::string_view> different;
  for (const CallbackPage page : all) {
    const std::string_view text = html(page);
    CAPTURE(text);
    different.insert(text);
    for (const char* part :
         {"<!doctype html>", "lang=\"en\"", "charset=\"utf-8\"", "name=\"viewport\"", "<main>", "<h1>",
          "class=\"happened\"", "class=\"next\">Close this tab", "prefers-color-scheme:dark", "</html>"}) {
      CAPTURE(part);
      CHECK(text.find(part) != std::string_view::npos);
    }
    CHECK(text.size() < 8 * 1024);
  }
  CHECK(different.size() == std::size(all));
}
