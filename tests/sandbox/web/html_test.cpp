#include "clickflow/sandbox/web/html.h"

#include <catch2/catch_test_macros.hpp>

using namespace clickflow::sandbox;

TEST_CASE("Text in markup is escaped, markup is not, and braces in text mean nothing") {
  const std::string name = "<b>\"Tom\" & 'Jerry'</b>\n{}{0}";
  const Html inner = html("<i>{}</i>", name);
  CHECK(inner.text() == "<i>&lt;b&gt;&quot;Tom&quot; &amp; &#39;Jerry&#39;&lt;/b&gt;\xEF\xBF\xBD{}{0}</i>");
  CHECK(html("<p title=\"{}\">{}</p>", name, inner).text().ends_with(inner.text() + "</p>"));
}
