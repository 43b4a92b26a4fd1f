# Everything goes through setup/, which installs what is missing and says what it does and why.
# Arguments for the program: make run ARGS="--target local"

PYTHON ?= python3
ARGS ?=

.PHONY: run test check bench bench-verify bench-policies screenshots

run test check bench bench-verify bench-policies screenshots:
	@$(PYTHON) -m setup.bootstrap $@ $(ARGS)
