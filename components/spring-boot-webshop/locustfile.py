# What the users of the WebShop do: one request that walks through every service of it.
from locust import HttpUser, between, task


class Visitor(HttpUser):
    wait_time = between(1, 10)

    @task
    def full_test(self):
        self.client.get("/shop/full-test")
