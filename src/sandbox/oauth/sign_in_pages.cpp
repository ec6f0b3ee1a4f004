#include "clickflow/sandbox/oauth/sign_in_pages.h"

#include <algorithm>

#include "clickflow/sandbox/web/page.h"

namespace clickflow::sandbox {
namespace {

std::string initials(const std::string& name) {
  std::string letters;
  for (size_t i = 0; i < name.size(); ++i) {
    if (i == 0 || name[i - 1] == ' ') letters += name[i];
  }
  return letters;
}

std::string organizations_of(const Person& person) {
  std::string names;
  for (const auto& organization : organizations()) {
    if (person.is_member_of(organization.id)) names += (names.empty() ? "" : ", ") + organization.name;
  }
  return names;
}

// In the words of the person who reads them. Who may see somebody's name or address also learns who that is.
Html meaning(const OAuthScopes& scopes) {
  const bool name = contains(scopes, "profile");
  const bool address = contains(scopes, "email");
  Html lines = "<li>Use all of ClickFlow’s tools as you</li>";
  if (name || address) {
    lines += html("<li>See your {}{}{}</li>", name ? "name" : "", name && address ? " and " : "",
                  address ? "email address" : "");
  } else if (contains(scopes, "openid")) {
    lines += "<li>See who you are</li>";
  }
  if (contains(scopes, "offline_access")) lines += "<li>Stay signed in until you end it</li>";
  return lines;
}

Html face(const Person& person) {
  return html(R"(<span class="face" aria-hidden="true">{}</span>)", initials(person.name));
}

Html organization_choice(const Person& person) {
  Html choices;
  for (const auto& organization : organizations()) {
    if (!person.is_member_of(organization.id)) continue;
    const bool first = organization.id == person.organizations.front();
    choices +=
        html(R"(<label class="choice"><input type="radio" name="organization" value="{}"{}>)"
             R"(<span><b>{}</b><span class="hint">{}</span></span></label>)",
             organization.id, first ? Html(" checked") : Html(), organization.name, organization.domain);
  }
  return html(R"(<fieldset class="field"><legend>Work in</legend><div class="choices">{}</div></fieldset>)",
              choices);
}

}  // namespace

Reply sign_in_page(const BrowserSession& session, const std::string& return_to, const std::string& mistake,
                   const std::string& form_target) {
  const Html fields =
      html("{}{}", hidden_input("form_token", session.form_token), hidden_input("return_to", return_to));
  Html choices;
  for (const auto& person : people()) {
    choices +=
        html(R"(<form method="post" action="/sign-in">{}<button class="person" name="email" value="{}">)"
             R"({}<span><b>{}</b><span class="soft small">{}</span><span class="soft small">{}</span></span>)"
             R"(</button></form>)",
             fields, person.email, face(person), person.name, person.email, organizations_of(person));
  }
  return page_reply(mistake.empty() ? 200 : 400, "Sign in",
                    html(R"(<h1>Sign in</h1>
<p class="lead">Choose who you want to be. These people are made up, so there are no passwords.</p>{}
<div class="people">{}</div>
<p class="or">or</p>
<form method="post" action="/sign-in" style="margin-top:1rem">{}
<label for="email">Email address</label>
<div class="row"><input type="email" id="email" name="email" autocomplete="off" required placeholder="ada@northwind.example">
<button class="first">Continue</button></div>
</form>)",
                         mistake_note(mistake), choices, fields),
                    PageWidth::narrow, form_target);
}

Reply consent_page(const BrowserSession& session, const ConsentPage& page) {
  const Person& person = *session.person;
  Html facts = html(
      R"(<div><dt>It may</dt><dd><ul>{}</ul></dd></div><div><dt>At</dt><dd><span class="mono">{}</span></dd></div>)",
      meaning(page.scopes), page.resource);
  if (!page.place.empty()) {
    const bool here = page.place == "127.0.0.1" || page.place == "::1" || page.place == "localhost";
    facts += html(R"(<div><dt>Goes back to</dt><dd><span class="mono">{}</span>{}</dd></div>)", page.place,
                  here ? Html(R"( <span class="soft">on this computer</span>)") : Html());
  }
  Html warning;
  if (!page.user_code.empty()) {
    facts += html(R"(<div><dt>Code</dt><dd><b class="mono">{}</b></dd></div>)", page.user_code);
    warning =
        R"(<p class="note warn">Allow this only if you have started it yourself, just now, and your device
shows this same code. Nobody else should ever ask you to enter one.</p>)";
  }
  return page_reply(
      200, "Allow access",
      html(R"(<h1>Let “{}” use ClickFlow as you?</h1>
<p class="lead">The name is the program’s own choice. Allow it if you have just started this yourself.</p>
<div class="who">{}<span><span class="hidden">Signed in as </span><b>{}</b><span class="soft small">{}</span></span>
<form method="post" action="/sign-out">{}{}<button class="link">Be somebody else</button></form></div>
<dl class="facts">{}</dl>{}
<form method="post" action="{}">{}{}
<div class="buttons"><button name="decision" value="deny">Deny</button><button class="first" name="decision" value="allow">Allow</button></div>
</form>)",
           page.client, face(person), person.name, person.email,
           hidden_input("form_token", session.form_token), hidden_input("return_to", page.return_to), facts,
           warning, page.action, hidden_input("form_token", session.form_token), organization_choice(person)),
      PageWidth::narrow, page.form_target);
}

Reply device_page(const std::string& typed, const std::string& mistake) {
  return page_reply(mistake.empty() ? 200 : 400, "Connect a device",
                    html(R"(<h1>Connect a device</h1>
<p class="lead">Type the code that your device or terminal shows.</p>{}
<form method="get" action="/device">
<label for="user_code">Code</label>
<input class="code" type="text" id="user_code" name="user_code" value="{}" placeholder="XXXX-XXXX" maxlength="16" autocomplete="off"
autocapitalize="characters" spellcheck="false" required autofocus>
<div class="buttons"><button class="first">Continue</button></div>
</form>)",
                         mistake_note(mistake), typed));
}

}  // namespace clickflow::sandbox
