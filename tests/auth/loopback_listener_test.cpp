#include "clickflow/auth/loopback_listener.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <vector>

#include "support/raw_connection.h"
#include "support/waiting.h"

using clickflow::Cancellation;
using clickflow::ErrorCode;
using clickflow::Secret;
using clickflow::auth::CallbackPage;
using clickflow::auth::LoopbackListener;
using clickflow::testing::patience;
using clickflow::testing::RawConnection;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view good_query = "code=c0de&state=right-state";

/// A login that waits: state is compared as the real one does, before anything else.
struct Login {
  explicit Login(uint16_t wanted = 0) {
    auto started = LoopbackListener::start(wanted, [this](std::string_view query) {
      ++asked;
      return Secret(std::string(query.substr(query.find("state=") + 6))) == Secret("right-state")
                 ? LoopbackListener::Verdict::accept
                 : LoopbackListener::Verdict::reject;
    });
    REQUIRE(started);
    listener = std::move(*started);
    host = "127.0.0.1:" + std::to_string(listener->port());
    listener->show(CallbackPage::signed_in);  // what the page would be, if there is one
  }

  std::string get(std::string_view target) const {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
  }
  std::string exchange(std::string_view request) const {
    RawConnection connection(listener->port());
    connection.send(request);
    return connection.read_all();
  }
  bool waits() const {
    return std::holds_alternative<LoopbackListener::TimedOut>(listener->wait(0ms, Cancellation()));
  }
  /// The right answer, as the browser brings it: true if it got its page and the login its query, in time.
  bool completes() const {
    const auto start = Clock::now();
    const std::string page = exchange(get("/callback?" + std::string(good_query)));
    const auto outcome = listener->wait(patience, Cancellation());
    const auto* callback = std::get_if<LoopbackListener::Callback>(&outcome);
    return page.starts_with("HTTP/1.1 200 ") && page.find("signed in") != std::string::npos && callback &&
           callback->query == Secret(std::string(good_query)) && Clock::now() - start < patience;
  }

  std::atomic<int> asked = 0;
  std::unique_ptr<LoopbackListener> listener;
  std::string host;
};

int status_of(std::string_view response) {
  return response.starts_with("HTTP/1.1 ") ? std::stoi(std::string(response.substr(9, 3))) : 0;
}

std::string body_of(const std::string& response) {
  const size_t end = response.find("\r\n\r\n");
  return end == std::string::npos ? "" : response.substr(end + 4);
}

}  // namespace

TEST_CASE("A login's address exists before anyone is sent there, on 127.0.0.1 and a free port") {
  Login login;
  CHECK(login.listener->redirect_uri() == "http://" + login.host + "/callback");
  CHECK(login.waits());
  CHECK(login.completes());
}

TEST_CASE("A wrong hit gets nothing, and the login goes on waiting") {
  struct Row {
    const char* attack;
    std::string request;
    int status;
    int asked;  // how often decide() was shown something
  };
  Login login;
  const std::string host = "Host: " + login.host + "\r\n";
  const std::string port = std::to_string(login.listener->port());
  const std::string good = "/callback?" + std::string(good_query);
  const auto get = [&](const std::string& target, const std::string& headers) {
    return "GET " + target + " HTTP/1.1\r\n" + headers + "\r\n";
  };
  const std::vector<Row> rows{
      {"foreign Host", get(good, "Host: evil.example\r\n"), 400, 0},
      {"rebound name, right port", get(good, "Host: evil.example:" + port + "\r\n"), 400, 0},
      {"localhost, which is not our name", get(good, "Host: localhost:" + port + "\r\n"), 400, 0},
      {"Host without the port", get(good, "Host: 127.0.0.1\r\n"), 400, 0},
      {"Host with another port", get(good, "Host: 127.0.0.1:1\r\n"), 400, 0},
      {"Host with something after it", get(good, "Host: " + login.host + ".evil.example\r\n"), 400, 0},
      {"no Host", get(good, ""), 400, 0},
      {"two Hosts", get(good, host + "Host: evil.example\r\n"), 400, 0},
      {"two Hosts, the right one twice", get(good, host + host), 400, 0},
      {"HTTP/1.0 without Host", "GET " + good + " HTTP/1.0\r\n\r\n", 400, 0},
      {"wrong path", get("/?" + std::string(good_query), host), 404, 0},
      {"path under ours", get("/callback/x?" + std::string(good_query), host), 404, 0},
      {"path with a slash", get("/callback/?" + std::string(good_query), host), 404, 0},
      {"path in capitals", get("/Callback?" + std::string(good_query), host), 404, 0},
      {"path that decodes to ours", get("/%63allback?" + std::string(good_query), host), 404, 0},
      {"path that resolves to ours", get("/x/../callback?" + std::string(good_query), host), 404, 0},
      {"absolute target", get("http://" + login.host + good, host), 404, 0},
      {"favicon", get("/favicon.ico", host), 404, 0},
      {"no query", get("/callback", host), 400, 1},
      {"no state", get("/callback?code=stolen", host), 400, 1},
      {"wrong state", get("/callback?code=stolen&state=wrong", host), 400, 1},
      {"a part of the state", get("/callback?code=stolen&state=right", host), 400, 1},
      {"error before state", get("/callback?error=access_denied&error_description=x", host), 400, 1},
      {"error with a wrong state", get("/callback?error=server_error&state=wrong", host), 400, 1},
      {"POST", "POST " + good + " HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nx=1", 405, 0},
      {"HEAD", "HEAD " + good + " HTTP/1.1\r\n" + host + "\r\n", 405, 0},
      {"OPTIONS, as a preflight",
       "OPTIONS " + good + " HTTP/1.1\r\n" + host +
           "Origin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\n\r\n",
       405, 0},
      {"PUT", "PUT " + good + " HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n", 405, 0},
      {"TRACE", "TRACE " + good + " HTTP/1.1\r\n" + host + "\r\n", 405, 0},
      {"a method that is none", "BREW " + good + " HTTP/1.1\r\n" + host + "\r\n", 400, 0},
      {"GET with a body", get(good, host + "Content-Length: 3\r\n") + "x=1", 400, 0},
      {"GET with a chunked body", get(good, host + "Transfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400, 0},
      {"a body that wants to be asked for", get(good, host + "Expect: 100-continue\r\nContent-Length: 9\r\n"),
       400, 0},
      {"a header that is none", get(good, host + "what is this\r\n"), 400, 0},
      {"a line that ends the head early", "GET " + good + "\r\n\r\n", 400, 0},
      {"not HTTP", "\x16\x03\x01\x02\r\n\r\n", 400, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.attack);
    const int before = login.asked;
    const std::string response = login.exchange(row.request);
    CHECK(status_of(response) == row.status);
    CHECK(login.asked - before == row.asked);
    CHECK(response.find("signed in<") == std::string::npos);
    CHECK((body_of(response) == html(CallbackPage::wrong_hit) || row.request.starts_with("HEAD")));
    CHECK(login.waits());
  }
  CHECK(login.completes());
}

TEST_CASE("No answer holds anything of the request, and each has the headers that keep a page harmless") {
  Login login;
  const std::string mark = "zzMARKzz";
  const std::string evil = "%3Cscript%3E" + mark + "%3C/script%3E<img/src=x/onerror=" + mark + ">";
  const auto target = GENERATE_COPY(
      "/callback?code=" + evil + "&state=right-state", "/callback?" + evil + "=1&state=right-state",
      "/callback?error=" + evil + "&error_description=" + evil + "&error_uri=" + evil + "&state=right-state",
      "/callback?iss=" + evil + "&state=" + evil, "/" + evil, "/callback#" + evil);
  const std::string request = "GET " + target + " HTTP/1.1\r\nHost: " + login.host +
                              "\r\nUser-Agent: " + mark + "\r\nReferer: https://x/" + mark +
                              "\r\nCookie: " + mark + "=1\r\nOrigin: https://" + mark + "\r\n\r\n";
  const std::string response = login.exchange(request);
  CAPTURE(target, response);
  CHECK(status_of(response) != 0);
  CHECK(response.find(mark) == std::string::npos);
  CHECK(response.find("script") == std::string::npos);
  for (const char* header : {"Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n",
                             "Cache-Control: no-store\r\n", "Referrer-Policy: no-referrer\r\n",
                             "X-Content-Type-Options: nosniff\r\n", "X-Frame-Options: DENY\r\n",
                             "Connection: close\r\n", "Content-Type: text/html; charset=utf-8\r\n"}) {
    CAPTURE(header);
    CHECK(response.find(header) != std::string::npos);
  }
  CHECK(response.find("Access-Control-") == std::string::npos);
}

TEST_CASE("The first accepted answer counts, and a later one gets the same page") {
  Login login;
  REQUIRE(login.completes());
  const std::string again = login.exchange(login.get("/callback?code=other&state=right-state"));
  CHECK(status_of(again) == 200);
  CHECK(body_of(again) == html(CallbackPage::signed_in));
  CHECK(status_of(login.exchange(login.get("/callback?code=other&state=wrong"))) == 400);
  const auto outcome = login.listener->wait(0ms, Cancellation());
  REQUIRE(std::holds_alternative<LoopbackListener::Callback>(outcome));
  CHECK(std::get<LoopbackListener::Callback>(outcome).query.expose() == good_query);
}

TEST_CASE("A connection carries one request, so pipelined ones are not looked at") {
  Login login;
  SECTION("a wrong one first, then the right one") {
    const std::string response =
        login.exchange(login.get("/") + login.get("/callback?" + std::string(good_query)) + login.get("/"));
    CHECK(status_of(response) == 404);
    CHECK(response.find("HTTP/1.1", 9) == std::string::npos);
    CHECK(login.waits());
  }
  SECTION("a body that looks like the right one") {
    const std::string smuggled = login.get("/callback?" + std::string(good_query));
    const std::string response =
        login.exchange("POST / HTTP/1.1\r\nHost: " + login.host +
                       "\r\nContent-Length: " + std::to_string(smuggled.size()) + "\r\n\r\n" + smuggled);
    CHECK(response.find("HTTP/1.1", 9) == std::string::npos);
    CHECK(login.waits());
  }
  CHECK(login.completes());
}

TEST_CASE("What is too long is refused, and the login goes on waiting") {
  Login login;
  const std::string host = "Host: " + login.host + "\r\n";
  const std::string right = std::string(good_query) + "&x=";
  SECTION("the address") {
    CHECK(status_of(login.exchange(login.get("/callback?" + right + std::string(9000, 'a')))) == 414);
  }
  SECTION("the address, without an end") {
    const std::string response = login.exchange("GET /callback?" + right + std::string(1024 * 1024, 'a'));
    CHECK((status_of(response) == 414 || response.empty()));  // empty where the reset overtakes the answer
  }
  SECTION("one header") {
    const std::string request = "GET /callback?" + std::string(good_query) + " HTTP/1.1\r\n" + host +
                                "X-Long: " + std::string(20'000, 'a') + "\r\n\r\n";
    CHECK(status_of(login.exchange(request)) == 400);
  }
  SECTION("many headers") {
    std::string request = "GET /callback?" + std::string(good_query) + " HTTP/1.1\r\n" + host;
    for (int i = 0; i < 200; ++i) request += "X-" + std::to_string(i) + ": a\r\n";
    CHECK(status_of(login.exchange(request + "\r\n")) == 400);
  }
  CHECK(login.waits());
  CHECK(login.completes());
}

TEST_CASE("A code as long as servers make them still arrives") {
  Login login;
  const std::string query = "code=" + std::string(6000, 'c') + "&state=right-state";
  CHECK(status_of(login.exchange(login.get("/callback?" + query))) == 200);
  const auto outcome = login.listener->wait(0ms, Cancellation());
  CHECK(std::get<LoopbackListener::Callback>(outcome).query == Secret(query));
}

TEST_CASE("Slow connections in any number don't hold up the right answer") {
  Login login;
  std::vector<std::unique_ptr<RawConnection>> slow;
  for (int i = 0; i < 60; ++i) slow.push_back(std::make_unique<RawConnection>(login.listener->port()));
  std::atomic<bool> done = false;
  auto trickle = std::async(std::launch::async, [&] {
    const std::string request = login.get("/callback?state=never");
    for (size_t at = 0; !done; at = (at + 1) % (request.size() - 4)) {
      for (auto& connection : slow) connection->send(request.substr(at, 1));
      std::this_thread::sleep_for(10ms);
    }
  });
  std::this_thread::sleep_for(100ms);
  CHECK(login.completes());  // with fifteen seconds to wait, if none made way for it
  done = true;
}

TEST_CASE("A connection that never finishes its request is dropped within seconds, unanswered") {
  Login login;
  RawConnection slow(login.listener->port());
  const auto start = Clock::now();
  slow.send("GET /callback?state=");
  bool dropped = false;
  while (!dropped && Clock::now() - start < 20s) {
    std::this_thread::sleep_for(100ms);
    dropped = !slow.send("a");
  }
  CHECK(dropped);
  CHECK(slow.read_all().empty());
  CHECK(slow.closed());
  CHECK(login.waits());
}

TEST_CASE("200 connections of junk don't hold up the right answer") {
  Login login;
  std::vector<std::unique_ptr<RawConnection>> junk;
  for (int i = 0; i < 200; ++i) {
    junk.push_back(std::make_unique<RawConnection>(login.listener->port()));
    if (i % 3 == 0) junk.back()->send(std::string(100, '\0'));
    if (i % 3 == 1) junk.back()->send("GET / HTTP/1.1\r\n");
  }
  CHECK(login.completes());
}

TEST_CASE("Two logins can't have one port, and the sentence names the option") {
  Login login;
  const auto second =
      LoopbackListener::start(login.listener->port(), [](auto) { return LoopbackListener::Verdict::accept; });
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::invalid_input);
  CHECK(second.error().message() == "Port " + std::to_string(login.listener->port()) +
                                        " on 127.0.0.1 is used by another program. Choose another with "
                                        "--callback-port, or leave that out and a "
                                        "free one is found.");
  CHECK(login.completes());
}

TEST_CASE("After a login the next one can have the same port at once") {
  uint16_t port = 0;
  for (int i = 0; i < 3; ++i) {
    Login login(port);
    port = login.listener->port();
    CHECK(login.completes());
    login.listener->stop();
    CHECK_THROWS(RawConnection(port));
  }
}

TEST_CASE("Waiting ends in one of three ways, each with its name") {
  Login login;
  const Cancellation cancellation;
  SECTION("nobody came") {
    const auto start = Clock::now();
    CHECK(std::holds_alternative<LoopbackListener::TimedOut>(login.listener->wait(50ms, cancellation)));
    CHECK(Clock::now() - start >= 50ms);
  }
  SECTION("nobody wants it any more") {
    auto waiting = std::async(std::launch::async, [&] { return login.listener->wait(60s, cancellation); });
    std::this_thread::sleep_for(20ms);
    cancellation.cancel();
    REQUIRE(waiting.wait_for(patience) == std::future_status::ready);
    CHECK(std::holds_alternative<LoopbackListener::Cancelled>(waiting.get()));
  }
  SECTION("it was stopped") {
    auto waiting = std::async(std::launch::async, [&] { return login.listener->wait(60s, cancellation); });
    std::this_thread::sleep_for(20ms);
    login.listener->stop();
    REQUIRE(waiting.wait_for(patience) == std::future_status::ready);
    CHECK(std::holds_alternative<LoopbackListener::Cancelled>(waiting.get()));
  }
  SECTION("the answer came") {
    auto waiting = std::async(std::launch::async, [&] { return login.listener->wait(60s, cancellation); });
    CHECK(login.completes());
    CHECK(std::holds_alternative<LoopbackListener::Callback>(waiting.get()));
  }
}

TEST_CASE("The tab is told how the sign-in ended, not merely that its answer arrived") {
  auto listener =
      std::move(*LoopbackListener::start(0, [](auto) { return LoopbackListener::Verdict::accept; }));
  const auto visit = [&] {
    return std::async(std::launch::async, [&listener] {
      RawConnection tab(listener->port());
      tab.send("GET /callback?code=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(listener->port()) +
               "\r\n\r\n");
      return body_of(tab.read_all());
    });
  };
  auto tab = visit();
  REQUIRE(std::holds_alternative<LoopbackListener::Callback>(listener->wait(patience, Cancellation())));
  CHECK(tab.wait_for(50ms) == std::future_status::timeout);
  SECTION("it went through, or not") {
    const auto page = GENERATE(CallbackPage::signed_in, CallbackPage::declined, CallbackPage::failed);
    listener->show(page);
    CHECK(tab.get() == html(page));
    CHECK(visit().get() == html(page));  // a reload
  }
  SECTION("the program ends before it knows") {
    const auto start = Clock::now();
    listener->stop();
    CHECK(Clock::now() - start < 4s);  // the page would be waited for longer
    CHECK(tab.get() == html(CallbackPage::received));
  }
}

TEST_CASE("Stopping is prompt, whatever is connected") {
  Login login;
  std::vector<std::unique_ptr<RawConnection>> idle;
  for (int i = 0; i < 40; ++i) {
    idle.push_back(std::make_unique<RawConnection>(login.listener->port()));
    idle.back()->send("GET /callb");
  }
  const auto start = Clock::now();
  login.listener->stop();
  CHECK(Clock::now() - start < 4s);  // the requests would be waited for longer
}

TEST_CASE("A decision that throws is a rejection") {
  auto listener = std::move(*LoopbackListener::start(
      0, [](auto) -> LoopbackListener::Verdict { throw std::runtime_error("zzMARKzz"); }));
  RawConnection hit(listener->port());
  hit.send("GET /callback?x HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(listener->port()) + "\r\n\r\n");
  const std::string response = hit.read_all();
  CHECK(status_of(response) == 400);
  CHECK(response.find("zzMARKzz") == std::string::npos);
}
