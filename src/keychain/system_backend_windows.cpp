#include <windows.h>

#include <wincred.h>

#include <system_error>

#include "clickflow/base/process_lock.h"
#include "clickflow/keychain/secret_store.h"
#include "problem.h"
#include "split_store.h"

namespace clickflow::keychain {
namespace {

// Less than the limit of a call, so that its sentence, which names the holder, is the one that is heard.
constexpr int lock_patience = 3000;

/// Names and keys are ASCII.
std::wstring wide(std::string_view text) {
  return std::wstring(text.begin(), text.end());
}

std::wstring target(std::string_view name) {
  return wide(service_name) + L":" + wide(name);
}

struct FreeCredentials {
  void operator()(void* credentials) const { ::CredFree(credentials); }
};

/// Windows Credential Manager, whose entries belong to the user and this computer.
class CredentialManager final : public PartStore {
 public:
  Result<bool> read(const std::string& name, std::string& text) override {
    CREDENTIALW* found = nullptr;
    if (!::CredReadW(target(name).c_str(), CRED_TYPE_GENERIC, 0, &found)) {
      const DWORD number = ::GetLastError();
      if (number == ERROR_NOT_FOUND) return false;
      return problem(number);
    }
    const std::unique_ptr<CREDENTIALW, FreeCredentials> credential(found);
    text.append(reinterpret_cast<const char*>(found->CredentialBlob), found->CredentialBlobSize);
    ::SecureZeroMemory(found->CredentialBlob, found->CredentialBlobSize);
    return true;
  }

  Result<void> write(const std::string& name, const std::string& account, std::string_view bytes) override {
    std::wstring target_name = target(name), user_name = wide(account);
    CREDENTIALW credential{};
    credential.Type = CRED_TYPE_GENERIC;
    credential.TargetName = target_name.data();
    credential.UserName = user_name.data();
    credential.CredentialBlob = reinterpret_cast<BYTE*>(const_cast<char*>(bytes.data()));
    credential.CredentialBlobSize = static_cast<DWORD>(bytes.size());
    credential.Persist = CRED_PERSIST_LOCAL_MACHINE;
    if (!::CredWriteW(&credential, 0)) return problem(::GetLastError());
    return {};
  }

  Result<void> remove(const std::string& name) override {
    if (::CredDeleteW(target(name).c_str(), CRED_TYPE_GENERIC, 0)) return {};
    const DWORD number = ::GetLastError();
    if (number == ERROR_NOT_FOUND) return {};
    return problem(number);
  }

  Result<std::vector<std::string>> names(const std::string& prefix) override {
    std::vector<std::string> names;
    DWORD count = 0;
    CREDENTIALW** found = nullptr;
    if (!::CredEnumerateW((target(prefix) + L"*").c_str(), 0, &count, &found)) {
      const DWORD number = ::GetLastError();
      if (number == ERROR_NOT_FOUND) return names;
      return problem(number);
    }
    const std::unique_ptr<CREDENTIALW*, FreeCredentials> credentials(found);
    const size_t service = target("").size();
    for (DWORD i = 0; i < count; ++i) {
      ::SecureZeroMemory(found[i]->CredentialBlob, found[i]->CredentialBlobSize);
      std::string name;
      for (wchar_t c : std::wstring_view(found[i]->TargetName).substr(service)) name += static_cast<char>(c);
      names.push_back(std::move(name));
    }
    return names;
  }

  Result<FileLock> lock() override { return lock_for_user("keychain", lock_patience); }

  std::string description() const override { return "the Windows Credential Manager"; }

 private:
  tl::unexpected<Error> problem(DWORD number) const {
    switch (number) {
      // A logon over the network (SSH, a scheduled task without a password) has no credentials of its own.
      case ERROR_NO_SUCH_LOGON_SESSION:
        return absent(description(), "this logon, over SSH perhaps, has no credential store");
      case ERROR_ACCESS_DENIED:
        return refused(description(), "access is denied");
      default:
        return broken(description(), std::system_category().message(static_cast<int>(number)));
    }
  }
};

}  // namespace

std::unique_ptr<Backend> make_system_backend(bool) {
  return std::make_unique<SplitStore>(std::make_unique<CredentialManager>());
}

}  // namespace clickflow::keychain
