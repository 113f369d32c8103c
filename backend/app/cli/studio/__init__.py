"""A studio on one machine: embedded servers, the proxy in front, and the supervisor that keeps them alive."""
