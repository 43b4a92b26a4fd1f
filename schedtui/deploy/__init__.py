"""Approval, canary, promotion, watch, rollback: the only code that changes a scheduler."""
