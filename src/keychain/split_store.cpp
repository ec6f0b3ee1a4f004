#include "split_store.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "clickflow/base/random.h"
#include "clickflow/base/sha256.h"
#include "clickflow/keychain/secret_store.h"
#include "problem.h"
#include "wiped_text.h"

namespace clickflow::keychain {
namespace {

constexpr size_t most_parts = max_secret_size / PartStore::most + 1;
constexpr int most_tries = 5;
constexpr std::string_view form = "1";

struct Head {
  std::string generation;  ///< 16 hexadecimal digits
  size_t count = 0;
  std::string sha256;

  std::string to_string() const { return fmt::format("{} {} {} {}", form, generation, count, sha256); }

  static std::optional<Head> parse(std::string_view text) {
    std::vector<std::string_view> words;
    for (size_t space = text.find(' '); space != std::string_view::npos; space = text.find(' ')) {
      words.push_back(text.substr(0, space));
      text.remove_prefix(space + 1);
    }
    words.push_back(text);
    if (words.size() != 4 || words[0] != form) return std::nullopt;
    Head head{std::string(words[1]), 0, std::string(words[3])};
    const char* const end = words[2].data() + words[2].size();
    const auto parsed = std::from_chars(words[2].data(), end, head.count);
    if (parsed.ec != std::errc() || parsed.ptr != end || head.count > most_parts) return std::nullopt;
    return head;
  }
};

std::string part_prefix(const std::string& name, const std::string& generation) {
  return name + "#" + generation + ".";
}

std::string new_generation() {
  uint64_t number = 0;
  std::memcpy(&number, random_bytes(sizeof number).data(), sizeof number);
  return fmt::format("{:016x}", number);
}

}  // namespace

Result<std::optional<Secret>> SplitStore::read(const std::string& key, const Cancellation& given_up) {
  const std::string name = sha256_hex(key);
  std::string previous;
  for (int tries = 0; tries < most_tries && !given_up.cancelled(); ++tries) {
    std::string entry;
    entry.reserve(PartStore::most);
    const auto found = parts_->read(name, entry);
    if (!found) return tl::make_unexpected(found.error());
    if (!*found) return std::nullopt;
    // The head stands still, so nobody is writing: what is missing is missing for good.
    if (entry == previous) return damaged(description(), "a part of it is missing or was changed");
    const auto head = Head::parse(entry);
    if (!head) return damaged(description(), "its form is not known");

    WipedText whole;
    whole.text.reserve(head->count * PartStore::most);
    for (size_t number = 0; number < head->count; ++number) {
      const auto part =
          parts_->read(part_prefix(name, head->generation) + std::to_string(number), whole.text);
      if (!part) return tl::make_unexpected(part.error());
    }
    if (sha256_hex(whole.text) == head->sha256) return Secret(whole.text);
    // A writer may have replaced the head and removed the parts since we read it.
    previous = std::move(entry);
  }
  return timed_out(description());
}

Result<void> SplitStore::write(const std::string& key, const Secret& secret, const Cancellation& given_up) {
  const auto lock = parts_->lock();
  if (!lock) return tl::make_unexpected(lock.error());
  if (given_up.cancelled()) return timed_out(description());

  const std::string name = sha256_hex(key);
  std::string_view rest = secret.expose();
  Head head{new_generation(), 0, sha256_hex(rest)};
  for (; !rest.empty(); ++head.count) {
    const std::string_view bytes = rest.substr(0, PartStore::most);
    const std::string part = part_prefix(name, head.generation) + std::to_string(head.count);
    if (auto written = parts_->write(part, key, bytes); !written) return written;
    rest.remove_prefix(bytes.size());
  }
  if (auto written = parts_->write(name, key, head.to_string()); !written) return written;
  // The new value stands. Parts that can't be removed now go with the next write or removal.
  (void)remove_parts(name, head.generation);
  return {};
}

Result<bool> SplitStore::remove(const std::string& key, const Cancellation&) {
  const auto lock = parts_->lock();
  if (!lock) return tl::make_unexpected(lock.error());
  const std::string name = sha256_hex(key);
  std::string head;
  const auto found = parts_->read(name, head);
  if (!found) return found;
  // First the head: without it the parts are nobody's.
  if (auto removed = parts_->remove(name); !removed) return tl::make_unexpected(removed.error());
  if (auto removed = remove_parts(name, ""); !removed) return tl::make_unexpected(removed.error());
  return found;
}

Result<void> SplitStore::remove_parts(const std::string& name, const std::string& kept) {
  const auto parts = parts_->names(name + "#");
  if (!parts) return tl::make_unexpected(parts.error());
  for (const std::string& part : *parts) {
    if (!kept.empty() && part.starts_with(part_prefix(name, kept))) continue;
    if (auto removed = parts_->remove(part); !removed) return removed;
  }
  return {};
}

}  // namespace clickflow::keychain
