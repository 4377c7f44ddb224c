"""What clients of the project that this one replaces run, with the URL as an argument: `seed_client.py URL`."""

import sys

import requests

headers = {"Content-Type": "application/json"}

inputs = """{
  "columns":[
    "age",
    "workclass",
    "fnlwgt",
    "education",
    "education-num",
    "marital-status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "capital-gain",
    "capital-loss",
    "hours-per-week",
    "native-country"
  ],
  "data":[
    [
      25,
      " Private",
      32275,
      " Some-college",
      10,
      " Married-civ-spouse",
      " Exec-managerial",
      " Wife",
      " Other",
      " Female",
      0,
      0,
      40,
      " United-States"
    ]
  ]
}"""

sys.stdout.write(requests.post(sys.argv[1] + "/predict", headers=headers, data=inputs, timeout=60).text)
