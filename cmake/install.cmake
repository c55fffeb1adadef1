# SPDX-License-Identifier: Apache-2.0
# cmake --install: programs, libraries, headers, and what find_package(inchip) and pkg-config read.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

foreach(target inchip_media inchip_rt inchip_static inchip_shared rknn_api)
    if(target STREQUAL "inchip_static" AND NOT ic_static_installs)
        continue() # its libraries are not the system's: only what is linked whole is installed
    endif()
    if(TARGET ${target})
        install(TARGETS ${target} EXPORT inchipTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
    endif()
endforeach()
foreach(target inchip_rt_mini rknn_api_mini) # chosen by folder: -L.../mini
    if(TARGET ${target})
        install(TARGETS ${target} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/mini LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/mini)
    endif()
endforeach()
if(TARGET inchip_cli)
    install(TARGETS inchip_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

if(TARGET inchip_media) # else nothing is exported yet
    set(ic_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/inchip)
    install(EXPORT inchipTargets NAMESPACE inchip:: DESTINATION ${ic_package_dir})
    configure_file(cmake/inchipConfig.cmake.in inchipConfig.cmake @ONLY)
    write_basic_package_version_file("${CMAKE_BINARY_DIR}/inchipConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
    install(FILES "${CMAKE_BINARY_DIR}/inchipConfig.cmake" "${CMAKE_BINARY_DIR}/inchipConfigVersion.cmake" DESTINATION ${ic_package_dir})
    file(RELATIVE_PATH ic_pc_up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
    string(REGEX REPLACE "/$" "" ic_pc_up "${ic_pc_up}")
    configure_file(cmake/inchip.pc.in inchip.pc @ONLY)
    configure_file(cmake/inchip_rt.pc.in inchip_rt.pc @ONLY)
    if(TARGET inchip_shared)
        install(FILES "${CMAKE_BINARY_DIR}/inchip.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
    endif()
    install(FILES "${CMAKE_BINARY_DIR}/inchip_rt.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
