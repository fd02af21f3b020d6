# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at:
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

# Version checking of database schemas.
EXTRA_DIST += \
	build-aux/calculate-schema-cksum \
	build-aux/cksum-schema-check

# House rules that a program can check.  Only a git checkout is checked: who
# builds from a distribution cannot do anything about them.
EXTRA_DIST += build-aux/lint.py
ALL_LOCAL += lint
lint:
	@if test -e $(srcdir)/.git && (git --version) >/dev/null 2>&1; then \
	  CTAGS='$(CTAGS_UNIVERSAL)' PYTHONDONTWRITEBYTECODE=yes \
	    $(PYTHON3) $(srcdir)/build-aux/lint.py $(srcdir); \
	fi
.PHONY: lint

# Every file that git knows is distributed.
ALL_LOCAL += dist-check-git
dist-check-git:
	@if test -e $(srcdir)/.git && (git --version) >/dev/null 2>&1; then \
	  for file in $(DISTFILES); do \
	    file="$${file#$(srcdir)/}"; echo "$${file#$(top_srcdir)/}"; \
	  done | LC_ALL=C sort -u > dist-files; \
	  (cd $(srcdir) && git ls-files) | grep -v '\.gitignore$$' | \
	    LC_ALL=C sort -u > git-files; \
	  if LC_ALL=C comm -1 -3 dist-files git-files | grep .; then \
	    echo "These files are in git, but no automake.mk names them."; \
	    exit 1; \
	  fi; \
	fi
CLEANFILES += dist-files git-files
.PHONY: dist-check-git

# What "./boot.sh check" runs.
EXTRA_DIST += build-aux/check.py
