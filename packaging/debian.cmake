# `cmake --build build/release --target package` makes a Debian package of what was built.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The clickflow-mcp authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Bridge between AI assistants and ClickFlow's MCP server")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
# Loaded or run when they are needed first: the desktop's keychain, and the browser.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libsecret-1-0, gnome-keyring | kwalletmanager, xdg-utils")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
include(CPack)
