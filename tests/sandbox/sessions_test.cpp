#include "clickflow/sandbox/sessions.h"

#include <catch2/catch_test_macros.hpp>

using namespace clickflow::sandbox;
using Next = EventReader::Next;

TEST_CASE("A session's listener hears of changes after any number of calls, and can be resumed") {
  Session session("session", "key_test", "2025-06-18");
  const auto listener = session.listen();
  for (int i = 0; i < 1000; ++i) session.open_stream()->close();
  session.notify("1");
  std::string text;
  REQUIRE(listener->next(text, 0) == Next::text);
  CHECK(text == "id: 1-1\nevent: message\ndata: 1\n\n");
  CHECK(listener->next(text, 0) == Next::nothing);
  CHECK(session.resume("1-0"));
}

TEST_CASE("What is said before anybody listens is kept, however many calls come first") {
  Session session("session", "key_test", "2025-06-18");
  session.notify("1");
  for (int i = 0; i < 1000; ++i) session.open_stream()->close();
  std::string text;
  CHECK(session.listen()->next(text, 0) == Next::text);
}

TEST_CASE("Of a session's streams the oldest can't be resumed once there are more than are kept") {
  Session session("session", "key_test", "2025-06-18");
  for (int i = 0; i < 256; ++i) session.open_stream()->send("1");
  CHECK_FALSE(session.resume("2-0"));
  CHECK(session.resume("3-0"));
}
