# SPDX-License-Identifier: Apache-2.0
"""The vendor's command-line entry points: ``python -m rknn.bin.list_devices`` and its siblings."""
