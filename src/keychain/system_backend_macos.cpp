#include <CoreFoundation/CoreFoundation.h>
#include <Security/Security.h>
#include <openssl/crypto.h>

#include <initializer_list>
#include <type_traits>
#include <utility>

#include "backend.h"
#include "clickflow/keychain/secret_store.h"
#include "problem.h"

namespace clickflow::keychain {
namespace {

struct Release {
  void operator()(const void* object) const { CFRelease(object); }
};
template <class Ref>
using Owned = std::unique_ptr<std::remove_pointer_t<Ref>, Release>;

Owned<CFStringRef> string(const std::string& text) {
  return Owned<CFStringRef>(
      CFStringCreateWithCString(kCFAllocatorDefault, text.c_str(), kCFStringEncodingUTF8));
}

using Dictionary = Owned<CFMutableDictionaryRef>;

Dictionary dictionary(std::initializer_list<std::pair<CFStringRef, CFTypeRef>> entries) {
  Dictionary result(CFDictionaryCreateMutable(kCFAllocatorDefault, 0, &kCFTypeDictionaryKeyCallBacks,
                                              &kCFTypeDictionaryValueCallBacks));
  for (const auto& [key, value] : entries) CFDictionarySetValue(result.get(), key, value);
  return result;
}

// The query's own switch (kSecUseAuthenticationUI) does not reach the prompts of the login keychain, in which
// a program without Apple's entitlements keeps its entries: its password, and "wants to use your confidential
// information". This one does. Both are deprecated, and nothing has taken their place.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

/// While it lives, the keychain fails where it would ask the person something. For the whole process.
class NoPrompts {
 public:
  explicit NoPrompts(bool active) : active_(active) {
    if (!active_) return;
    SecKeychainGetUserInteractionAllowed(&before_);
    SecKeychainSetUserInteractionAllowed(false);
  }
  ~NoPrompts() {
    if (active_) SecKeychainSetUserInteractionAllowed(before_);
  }
  NoPrompts(const NoPrompts&) = delete;
  NoPrompts& operator=(const NoPrompts&) = delete;

 private:
  const bool active_;
  Boolean before_ = true;
};

// Not kSecUseAuthenticationUISkip: with it an entry that can't be had now looks like one that doesn't exist.
void forbid_prompts(const Dictionary& query) {
  CFDictionarySetValue(query.get(), kSecUseAuthenticationUI, kSecUseAuthenticationUIFail);
}

#pragma clang diagnostic pop

class MacKeychain final : public Backend {
 public:
  explicit MacKeychain(bool may_prompt) : may_prompt_(may_prompt) {}

  Result<std::optional<Secret>> read(const std::string& key, const Cancellation&) override {
    const NoPrompts quiet(!may_prompt_);
    const auto query = entry(key);
    CFDictionarySetValue(query.get(), kSecReturnData, kCFBooleanTrue);
    CFDictionarySetValue(query.get(), kSecMatchLimit, kSecMatchLimitOne);
    if (!may_prompt_) forbid_prompts(query);
    CFTypeRef found = nullptr;
    const OSStatus status = SecItemCopyMatching(query.get(), &found);
    if (status == errSecItemNotFound) return std::nullopt;
    if (status != errSecSuccess) return problem(status);
    const Owned<CFDataRef> data(static_cast<CFDataRef>(found));
    const UInt8* const bytes = CFDataGetBytePtr(data.get());
    const auto size = static_cast<size_t>(CFDataGetLength(data.get()));
    Secret secret(std::string(reinterpret_cast<const char*>(bytes), size));
    // It was made for us, and nobody else holds it.
    OPENSSL_cleanse(const_cast<UInt8*>(bytes), size);
    return secret;
  }

  Result<void> write(const std::string& key, const Secret& secret, const Cancellation& given_up) override {
    const NoPrompts quiet(!may_prompt_);
    const auto query = entry(key);
    const std::string_view value = secret.expose();
    // No copy: `secret` outlives it.
    const Owned<CFDataRef> data(
        CFDataCreateWithBytesNoCopy(kCFAllocatorDefault, reinterpret_cast<const UInt8*>(value.data()),
                                    static_cast<CFIndex>(value.size()), kCFAllocatorNull));
    const auto change = dictionary({{kSecValueData, data.get()}});
    // An update keeps whom the person has allowed to read the entry. Twice, since another process may make
    // the entry between the two.
    OSStatus status = errSecItemNotFound;
    for (int tries = 0; tries < 2 && !given_up.cancelled(); ++tries) {
      status = SecItemUpdate(query.get(), change.get());
      if (status != errSecItemNotFound) break;
      const auto addition = entry(key);
      const auto label = string("ClickFlow (clickflow-mcp)");
      CFDictionarySetValue(addition.get(), kSecAttrLabel, label.get());
      CFDictionarySetValue(addition.get(), kSecAttrAccessible,
                           kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly);
      CFDictionarySetValue(addition.get(), kSecValueData, data.get());
      status = SecItemAdd(addition.get(), nullptr);
      if (status != errSecDuplicateItem) break;
    }
    if (status != errSecSuccess) return problem(status);
    return {};
  }

  Result<bool> remove(const std::string& key, const Cancellation&) override {
    const NoPrompts quiet(!may_prompt_);
    const OSStatus status = SecItemDelete(entry(key).get());
    if (status == errSecItemNotFound) return false;
    if (status != errSecSuccess) return problem(status);
    return true;
  }

  std::string description() const override { return "the macOS Keychain"; }

 private:
  static Dictionary entry(const std::string& key) {
    const auto service = string(service_name), account = string(key);
    return dictionary({{kSecClass, kSecClassGenericPassword},
                       {kSecAttrService, service.get()},
                       {kSecAttrAccount, account.get()}});
  }

  tl::unexpected<Error> problem(OSStatus status) const {
    std::string detail = "code " + std::to_string(status);
    const Owned<CFStringRef> message(SecCopyErrorMessageString(status, nullptr));
    char text[512];
    if (message && CFStringGetCString(message.get(), text, sizeof text, kCFStringEncodingUTF8)) {
      detail = std::string(text) + " (" + std::to_string(status) + ")";
    }
    switch (status) {
      case errSecInteractionNotAllowed:
      case errSecInteractionRequired:
        return locked(description());
      case errSecUserCanceled:
        return not_unlocked(description());
      case errSecNotAvailable:
      case errSecNoDefaultKeychain:
      case errSecNoSuchKeychain:
        return absent(description(), detail);
      // What an entry says whose maker had another signature than we have, when nobody may be asked.
      case errSecAuthFailed:
      case errSecWrPerm:
      case errSecReadOnly:
      case errSecMissingEntitlement:
        return refused(description(), detail);
      case errSecDecode:
      case errSecInvalidKeychain:
        return damaged(description(), detail);
      default:
        return broken(description(), detail);
    }
  }

  const bool may_prompt_;
};

}  // namespace

std::unique_ptr<Backend> make_system_backend(bool may_prompt) {
  return std::make_unique<MacKeychain>(may_prompt);
}

}  // namespace clickflow::keychain
