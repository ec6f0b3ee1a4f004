#include <catch2/catch_test_macros.hpp>

#include "process/support/scripts.h"

using namespace clickflow::testing;

namespace {

const std::string nul(1, '\0');

// What is told of an answer that did not arrive whole.
const std::string broke = "broke before its answer was complete";
const std::string no_answer = "gave no answer";
const std::string empty = "answer is empty";
const std::string no_mcp = "which is not MCP";

// For servers that fall silent.
const Arguments impatient{"--first-byte-timeout", "2", "--silence-timeout", "2"};

std::string head(std::string_view headers) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + std::string(headers) + "\r\n";
}

}  // namespace

TEST_CASE("A connection that ends too early gives one answer") {
  check_scripts({
      {"closed before the status line", "", Then::close, broke},
      {"reset before the status line", "", Then::reset, broke},
      {"closed in the status line", "HTTP/1.1 2", Then::close, broke},
      {"closed behind the status line", "HTTP/1.1 200 OK\r\n", Then::close, broke},
      {"closed in a header", "HTTP/1.1 200 OK\r\nContent-Ty", Then::close, broke},
      {"reset in a header", "HTTP/1.1 200 OK\r\nContent-Ty", Then::reset, broke},
      {"closed before the body", head("Content-Length: 36\r\n"), Then::close, broke},
      {"closed in the body", head("Content-Length: 36\r\n") + good.substr(0, 20), Then::close, broke},
      {"reset in the body", head("Content-Length: 36\r\n") + good.substr(0, 20), Then::reset, broke},
      {"closed in a body without a length", head("") + good.substr(0, 20), Then::close, "not valid JSON"},
      {"closed in a chunk", chunked("24\r\n" + good.substr(0, 20)), Then::close, broke},
      {"closed before the last chunk", chunked("24\r\n" + good + "\r\n"), Then::close, broke},
      {"silent before the status line", "", Then::stall, "did not answer within 2 s", true, impatient},
      {"silent in the status line", "HTTP/1.1 2", Then::stall, "did not answer within 2 s", true, impatient},
      {"silent in a header", "HTTP/1.1 200 OK\r\nContent-", Then::stall, "did not answer within 2 s", true,
       impatient},
      {"silent in the body", head("Content-Length: 36\r\n") + "{", Then::stall, "fell silent for 2 s", true,
       impatient},
      {"silent in a stream", sse("data: {\n"), Then::stall, "fell silent for 2 s", true, impatient},
  });
}

TEST_CASE("A head that is none, or is broken, gives one answer") {
  check_scripts({
      {"the body only, as in HTTP/0.9", good + "\r\n", Then::close, broke},
      {"HTTP/2 in plain text", "HTTP/2 200\r\n\r\n" + good, Then::close, broke},
      {"another protocol's name", "ICY 200 OK\r\n\r\n", Then::close, broke},
      {"another protocol's greeting", "220 mail.example.com ESMTP\r\n", Then::close, broke},
      {"a TLS alert", std::string("\x15\x03\x01\x00\x02\x02\x0a", 7), Then::close, broke},
      {"a status that is no number", "HTTP/1.1 abc OK\r\n\r\n", Then::close, broke},
      {"a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", Then::close, broke},
      {"a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", Then::close, broke},
      {"a status that nobody knows", http("", "", "999 What"), Then::keep, "HTTP 999"},
      {"lines that end in LF only", "HTTP/1.1 200 OK\nContent-Length: 36\n\n" + good, Then::close, broke},
      {"a header without a colon", head("Nonsense\r\nContent-Length: 36\r\n") + good, Then::close, broke},
      {"a header without a name", head(": x\r\nContent-Length: 36\r\n") + good, Then::close, broke},
      {"a control character in a header", head("X-A: a\x01z\r\nContent-Length: 36\r\n") + good, Then::close,
       broke},
      {"a NUL in a header", head("X-A: a" + nul + "z\r\nContent-Length: 36\r\n") + good, Then::close, broke},
      {"a bare CR in a header", head("X-A: a\rX-B: b\r\nContent-Length: 36\r\n") + good, Then::close, broke},
      {"a bare LF in a header", head("X-A: a\nX-B: b\r\nContent-Length: 36\r\n") + good, Then::close, broke},
      {"a header over two lines", head("X-A: a\r\n b\r\nContent-Length: 36\r\n") + good, Then::close, broke},
      {"an encoded line end in a header",
       http(good, "application/json", "200 OK", "X-A: a%0d%0aX-B: b\r\n"),
       Then::keep,
       {},
       false},
      {"a header of a megabyte", head("X-A: " + std::string(1 << 20, 'a') + "\r\n"), Then::close, broke},
      {"ten thousand headers", head(repeated("X-A: a\r\n", 10'000)), Then::close, broke},
      {"a status line of 32,000 bytes", "HTTP/1.1 200 " + std::string(32'000, 'a') + "\r\n\r\n", Then::close,
       no_answer},
      {"a status line without end", "HTTP/1.1 200 " + std::string(1 << 20, 'a'), Then::close, broke},
  });
}

TEST_CASE("An interim status is passed over, or ends the exchange at once") {
  check_scripts({
      {"100 Continue", "HTTP/1.1 100 Continue\r\n\r\n" + http(good), Then::keep, {}, false},
      {"many times 100 Continue",
       repeated("HTTP/1.1 100 Continue\r\n\r\n", 50) + http(good),
       Then::keep,
       {},
       false},
      {"100 Continue for ever", repeated("HTTP/1.1 100 Continue\r\n\r\n", 1000), Then::stall,
       "did not answer within 2 s", true, impatient},
      {"103 Early Hints", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + http(good), Then::keep,
       "HTTP 103"},
      {"102 Processing", "HTTP/1.1 102 Processing\r\n\r\n" + http(good), Then::keep, "HTTP 102"},
      {"101 Switching Protocols", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", Then::keep,
       "HTTP 101"},
  });
}

TEST_CASE("A body whose length is wrong, doubtful or nonsense gives one answer") {
  const std::string both = "Content-Length: 36\r\nContent-Length: 5\r\n";
  check_scripts({
      {"a length that is no number", head("Content-Length: many\r\n") + good, Then::close, broke},
      {"a negative length", head("Content-Length: -5\r\n") + good, Then::close, broke},
      {"two lengths", head(both) + good, Then::close, "."},
      {"a length that is too short", head("Content-Length: 20\r\n") + good, Then::keep, "not valid JSON"},
      {"a length that is too long", head("Content-Length: 99\r\n") + good, Then::close, broke},
      {"a length that is too long, and silence", head("Content-Length: 99\r\n") + good, Then::stall,
       "fell silent for 2 s", true, impatient},
      {"an enormous length", head("Content-Length: 999999999999999999\r\n") + good, Then::close, broke},
      {"a length and chunks",
       head("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "24\r\n" + good + "\r\n0\r\n\r\n",
       Then::keep,
       {},
       false},
      {"an unknown coding", head("Transfer-Encoding: rot13\r\n") + good, Then::close, {}, false},
      {"a body that says it is compressed",
       http("\x1f\x8b\x08garbage", "application/json", "200 OK", "Content-Encoding: gzip\r\n"), Then::keep,
       "not valid JSON"},
      {"a body behind 204", "HTTP/1.1 204 No Content\r\nContent-Length: 36\r\n\r\n" + good, Then::keep,
       no_answer},
      {"a body behind 304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 36\r\n\r\n" + good, Then::keep,
       "HTTP 304"},
      {"a second answer behind the first", http(good) + http(good), Then::keep, {}, false},
      {"nonsense behind the answer", http(good) + "\r\n\r\nnonsense", Then::keep, {}, false},
      {"much nonsense behind the answer", http(good) + std::string(100'000, 'x'), Then::keep, {}, false},
  });
}

TEST_CASE("Chunks that are nonsense give one answer") {
  check_scripts({
      {"a size that is no number", chunked("xyz\r\n" + good + "\r\n0\r\n\r\n"), Then::close, broke},
      {"a negative size", chunked("-1\r\n" + good + "\r\n0\r\n\r\n"), Then::close, broke},
      {"an enormous size", chunked("ffffffffffffffff\r\n" + good + "\r\n0\r\n\r\n"), Then::close, broke},
      {"a large size", chunked("7fffffffffffffff\r\n" + good), Then::close, broke},
      {"a size that is too small", chunked("10\r\n" + good + "\r\n0\r\n\r\n"), Then::close, broke},
      {"a size that is too large", chunked("30\r\n" + good + "\r\n0\r\n\r\n"), Then::close, broke},
      {"no line end behind a chunk", chunked("24\r\n" + good + "0\r\n\r\n"), Then::close, broke},
      {"an empty size", chunked("\r\n" + good + "\r\n0\r\n\r\n"), Then::close, broke},
      {"no chunk at all", chunked("0\r\n\r\n"), Then::keep, empty},
      {"a chunk extension", chunked("24;a=b\r\n" + good + "\r\n0\r\n\r\n"), Then::keep, {}, false},
      {"a trailer", chunked("24\r\n" + good + "\r\n0\r\nX-A: a\r\n\r\n"), Then::keep, {}, false},
      {"a trailer that is nonsense",
       chunked("24\r\n" + good + "\r\n0\r\nnonsense\r\n\r\n"),
       Then::keep,
       {},
       false},
  });
}

TEST_CASE("An answer of another kind than MCP's gives one answer that says so") {
  check_scripts({
      {"HTML", http("<!DOCTYPE html><p>Hello", "text/html"), Then::keep, "text/html, " + no_mcp},
      {"a message under text/plain", http(good, "text/plain"), Then::keep, "text/plain, " + no_mcp},
      {"a message under no type", http(good, ""), Then::keep, "something that has no type, " + no_mcp},
      {"a type that is nonsense", http(good, ";;;"), Then::keep, no_mcp},
      {"202 to a request", http("", "", "202 Accepted"), Then::keep, no_answer},
      {"204 to a request", "HTTP/1.1 204 No Content\r\n\r\n", Then::keep, no_answer},
      {"an empty body", http(""), Then::keep, empty},
      {"an empty body without a type", http("", ""), Then::keep, no_answer},
      {"HTTP/1.0",
       "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + good,
       Then::close,
       {},
       false},
      {"a type in capitals with a parameter",
       http(good, "Application/JSON; charset=UTF-8"),
       Then::keep,
       {},
       false},
  });
}

TEST_CASE("A status that is no success gives one answer that says what to do") {
  check_scripts({
      {"a redirect", http("", "", "302 Found", "Location: http://127.0.0.1:1/mcp\r\n"), Then::keep,
       "another address (HTTP 302), which is not followed"},
      {"300", http("", "", "300 Multiple Choices"), Then::keep, "HTTP 300"},
      {"400", http("", "", "400 Bad Request"), Then::keep, "refused the request (HTTP 400)"},
      {"400 with HTML", http("<p>no", "text/html", "400 Bad Request"), Then::keep, "HTTP 400"},
      {"403 with a detail",
       http(R"({"detail": "Insufficient scope: tools:a.b"})", "application/json", "403 No"), Then::keep,
       "Insufficient scope: tools:a.b"},
      {"405", http("", "", "405 Method Not Allowed"), Then::keep, "There is no MCP server at"},
      {"413", http("", "", "413 Content Too Large"), Then::keep, "takes no request as long"},
      {"429 with a time", http("", "", "429 Too Many", "Retry-After: 7\r\n"), Then::keep,
       "Try again in 7 s."},
      {"429 with a date", http("", "", "429 Too Many", "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n"),
       Then::keep, "Try again in a moment."},
      {"503 with nonsense", http("", "", "503 Busy", "Retry-After: -1e9\r\n"), Then::keep,
       "Try again in a moment."},
      {"500 with HTML", http("<h1>Oops", "text/html", "500 Oops"), Then::keep,
       "whether the request was carried out is not known"},
      {"502 with a message of its own",
       http(R"({"error":"upstream"})", "application/json", "502 Bad Gateway"), Then::keep, "(\"upstream\")"},
      {"500 with half a message", http(good.substr(0, 9), "application/json", "500 Oops"), Then::keep,
       "HTTP 500"},
      {"500 with the answer after all", http(good, "application/json", "500 Oops"), Then::keep, {}, false},
      {"500 with another's answer",
       http(R"({"jsonrpc":"2.0","id":8,"result":{}})", "application/json", "500 Oops"), Then::keep,
       "HTTP 500"},
      {"an error body without end", "HTTP/1.1 500 Oops\r\n\r\n" + repeated(std::string(1024, 'a'), 200),
       Then::stall, "HTTP 500"},
  });
}
